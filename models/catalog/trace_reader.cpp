#include "models/catalog/trace_reader.h"

#include <algorithm>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "models/catalog/json_reader.h"
#include "models/units/date.h"

namespace aifactory {
namespace {

constexpr std::string_view kAzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens";
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr double kMaxTokens = 1e9;  // beyond any context window: a row that says so is damaged

// Arrival as read, in 100 ns ticks or better, before the first one is subtracted: a double since 1970 would lose them.
struct RawRow {
  std::int64_t ticks = 0;
  double prompt = 0;
  double output = 0;
};

[[noreturn]] void fail(const std::string& file, std::size_t line, const std::string& what) {
  throw ConfigError(file, "", "line " + std::to_string(line) + ": " + what);
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

// "YYYY-MM-DD HH:MM:SS[.fffffff]", T for the blank and a trailing Z or +00:00 allowed, as 100 ns ticks since 1970.
std::optional<std::int64_t> parse_instant(std::string_view text) {
  for (const std::string_view utc : {"Z", "+00:00"}) {
    if (text.size() > utc.size() && text.substr(text.size() - utc.size()) == utc) {
      text.remove_suffix(utc.size());
    }
  }
  if (text.size() < 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto date = parse_date(text.substr(0, 10));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = digits(text.substr(17, 2));
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  if (text.size() > 19) {
    std::string padded(text.substr(20));
    if (text[19] != '.' || padded.empty() || padded.size() > 9) {
      return std::nullopt;
    }
    padded.resize(7, '0');  // beyond 100 ns nothing is kept
    const auto ticks = digits(padded);
    if (!ticks) {
      return std::nullopt;
    }
    fraction = *ticks;
  }
  const std::int64_t seconds = std::int64_t{date->days_since_1970()} * 86400 + *hour * 3600 + *minute * 60 + *second;
  return seconds * 10'000'000 + fraction;
}

std::optional<double> parse_tokens(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= kMaxTokens)) {
    return std::nullopt;
  }
  return value;
}

RawRow parse_azure(std::string_view line, const std::string& file, std::size_t number) {
  const std::size_t first = line.find(',');
  const std::size_t second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos || line.find(',', second + 1) != std::string_view::npos) {
    fail(file, number, "expected three fields: " + std::string(kAzureHeader));
  }
  const auto instant = parse_instant(line.substr(0, first));
  if (!instant) {
    fail(file, number, "TIMESTAMP is not a date and time like 2023-11-16 18:17:03.9799600");
  }
  const auto prompt = parse_tokens(line.substr(first + 1, second - first - 1));
  const auto output = parse_tokens(line.substr(second + 1));
  if (!prompt || !output) {
    fail(file, number, "ContextTokens and GeneratedTokens must be token counts");
  }
  return {*instant, *prompt, *output};
}

double json_count(const nlohmann::json& object, const char* key, double limit, const std::string& file,
                  std::size_t number) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number() || !(found->get<double>() >= 0 && found->get<double>() <= limit)) {
    fail(file, number, std::string(key) + " must be a non-negative number");
  }
  return found->get<double>();
}

RawRow parse_mooncake(std::string_view line, const std::string& file, std::size_t number) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) {
    fail(file, number, "expected one JSON object per line");
  }
  const double milliseconds = json_count(object, "timestamp", 1e14, file, number);
  return {static_cast<std::int64_t>(milliseconds * 1e4), json_count(object, "input_length", kMaxTokens, file, number),
          json_count(object, "output_length", kMaxTokens, file, number)};
}

}  // namespace

Trace parse_trace(std::string_view text, const std::string& file) {
  std::vector<RawRow> raw;
  std::size_t number = 0;
  bool azure = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (number == 1 && line == kAzureHeader) {
      azure = true;
    } else if (number == 1 && (line.empty() || line.front() != '{')) {
      fail(file, 1,
           "neither '" + std::string(kAzureHeader) +
               "' nor a JSON object with timestamp, input_length, "
               "output_length");
    } else if (!line.empty()) {
      raw.push_back(azure ? parse_azure(line, file, number) : parse_mooncake(line, file, number));
    }
  }
  if (raw.empty()) {
    throw ConfigError(file, "", "no requests");
  }
  std::stable_sort(raw.begin(), raw.end(), [](const RawRow& a, const RawRow& b) { return a.ticks < b.ticks; });
  Trace trace;
  trace.id = file;
  trace.rows.reserve(raw.size());
  for (const RawRow& row : raw) {
    trace.rows.push_back({Seconds(static_cast<double>(row.ticks - raw.front().ticks) / 1e7), row.prompt, row.output});
  }
  return trace;
}

Trace read_trace(const std::string& path) {
  namespace io = boost::iostreams;
  Problems problems;
  std::string bytes;
  read_regular_file(path, kMaxBytes, problems, bytes);
  problems.throw_if_any();
  const std::filesystem::path file(path);
  if (file.extension() != ".gz") {
    return parse_trace(bytes, file.filename().string());
  }
  io::filtering_istream input;
  input.push(io::gzip_decompressor());
  input.push(io::array_source(bytes.data(), bytes.size()));
  std::string text;
  std::vector<char> block(1 << 16);
  try {
    while (input.read(block.data(), static_cast<std::streamsize>(block.size())) || input.gcount() > 0) {
      text.append(block.data(), static_cast<std::size_t>(input.gcount()));
      if (text.size() > kMaxBytes) {
        throw ConfigError(path, "", "more than 1 GiB of text");
      }
    }
  } catch (const io::gzip_error&) {
    throw ConfigError(path, "", "not a gzip file");
  }
  if (input.bad()) {
    throw ConfigError(path, "", "not a gzip file");
  }
  return parse_trace(text, file.filename().string());
}

}  // namespace aifactory
