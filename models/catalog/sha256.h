// SHA-256 (FIPS 180-4), for content hashes of inputs.
#pragma once

#include <string>
#include <string_view>

namespace aifactory {

// Lower-case hex, 64 characters.
std::string sha256_hex(std::string_view bytes);

}  // namespace aifactory
