#include "models/catalog/csv.h"

#include <fmt/format.h>

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/iostreams/read.hpp>

#include "models/catalog/json_reader.h"

namespace aifactory {

std::vector<std::vector<std::string>> parse_csv(std::string_view text, const std::string& file, Problems& problems) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool quoted = false;
  bool any = false;  // this record has at least one character or delimiter
  std::size_t line = 1;
  std::size_t opened = 0;
  const auto end_record = [&] {
    if (any) {
      record.push_back(std::move(field));
      records.push_back(std::move(record));
    }
    record.clear();
    field.clear();
    any = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
    }
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
      any = true;
      opened = line;
    } else if (c == ',') {
      record.push_back(std::move(field));
      field.clear();
      any = true;
    } else if (c == '\n') {
      end_record();
    } else if (c == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) {
      continue;
    } else {
      field += c;
      any = true;
    }
  }
  if (quoted) {
    problems.add(file, "", fmt::format("line {}: a quoted field never closes", opened));
  }
  end_record();
  return records;
}

bool read_possibly_gzipped(const std::string& path, std::size_t max_bytes, Problems& problems, std::string& bytes) {
  std::string raw;
  if (!read_regular_file(path, max_bytes, problems, raw)) {
    return false;
  }
  const bool gzipped = raw.size() > 2 && raw[0] == '\x1f' && raw[1] == '\x8b';
  if (!gzipped) {
    bytes = std::move(raw);
    return true;
  }
  namespace io = boost::iostreams;
  bytes.clear();
  try {
    io::filtering_istream in;
    in.push(io::gzip_decompressor());
    in.push(io::array_source(raw.data(), raw.size()));
    in.exceptions(std::ios::badbit);
    std::string buffer(std::size_t{1} << 16, '\0');
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
      bytes.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
      if (bytes.size() > max_bytes) {
        problems.add(path, "", fmt::format("decompresses to more than {} bytes", max_bytes));
        return false;
      }
    }
  } catch (const std::exception& error) {
    problems.add(path, "", fmt::format("not a whole gzip file: {}", error.what()));
    return false;
  }
  return true;
}

}  // namespace aifactory
