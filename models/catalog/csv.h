// Tables of text as public data sets come: RFC 4180 records and files that may be gzipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/config_error.h"

namespace aifactory {

// Records of RFC 4180 text: quoted fields, doubled quotes, CRLF or LF, a last line with or without its end, empty lines
// skipped. A quote that never closes is a problem that names its line.
std::vector<std::vector<std::string>> parse_csv(std::string_view text, const std::string& file, Problems& problems);

// The bytes of a regular file, decompressed when they are gzip, whatever its name says; at most `max_bytes` of them
// after decompression. A problem and false otherwise.
bool read_possibly_gzipped(const std::string& path, std::size_t max_bytes, Problems& problems, std::string& bytes);

}  // namespace aifactory
