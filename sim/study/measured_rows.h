// Rows of any measurement file as text by column: CSV (RFC 4180) or JSON, plain or gzipped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/config_error.h"

namespace aifactory {

class MeasuredRow {
 public:
  MeasuredRow(std::map<std::string, std::string> fields, std::size_t index);

  [[nodiscard]] const std::string& id() const { return id_; }              // as in the file, else "row:N", N from 1
  [[nodiscard]] const std::string& text(const std::string& column) const;  // "" where the file has none
  [[nodiscard]] std::optional<double> number(const std::string& column) const;  // absent: empty, no finite number
  [[nodiscard]] bool has(const std::string& column) const { return fields_.count(column) > 0; }

 private:
  std::map<std::string, std::string> fields_;
  std::string id_;
};

// CSV rows, or the objects of a JSON array (or of the array "rows" of an object); JSON null is an empty field.
std::vector<MeasuredRow> read_measured_rows(const std::string& path, Problems& problems);

// "a/b/c" of the columns in `by`; throws ConfigError for one that no row has.
std::string group_of(const MeasuredRow& row, const std::vector<std::string>& by);

}  // namespace aifactory
