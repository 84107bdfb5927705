// Reads recorded request traces into models/demand/trace.h.
//
// Formats, told apart by their first line:
//   Azure LLM inference 2023/2024 (Patel et al., ISCA 2024; github.com/Azure/AzurePublicDataset): CSV with header
//     TIMESTAMP,ContextTokens,GeneratedTokens, ISO date and time with up to 100 ns digits, CRLF or LF, `.gz` allowed.
//   Mooncake (Qin et al., FAST 2025; github.com/kvcache-ai/Mooncake): one JSON object per line with timestamp (ms),
//     input_length, output_length; other keys are ignored.
#pragma once

#include <string>
#include <string_view>

#include "models/demand/trace.h"

namespace aifactory {

// Rows are sorted by arrival and shifted so that the first arrives at zero. Throws ConfigError with the line and what
// is wrong with it; a trace has at most 1 GiB of text.
Trace read_trace(const std::string& path);

// The same from text already in memory; `file` appears in messages and as the trace's id.
Trace parse_trace(std::string_view text, const std::string& file);

}  // namespace aifactory
