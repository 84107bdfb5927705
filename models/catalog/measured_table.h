// Rows of any measurement file as text by column: CSV (RFC 4180), a JSON list of objects or an object with such a list
// as "rows"; plain or gzipped. What kinds of rows there are, and what their columns mean, is the readers' business.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/config_error.h"

namespace aifactory {

// A number written in full: no text before or after it, and finite.
std::optional<double> number_in(std::string_view text);

// The columns of a table and where they are.
struct MeasuredColumns {
  explicit MeasuredColumns(std::vector<std::string> names);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  std::vector<std::string> names;  // in the order of the file (JSON: by name)
  std::map<std::string, std::size_t, std::less<>> position;
};

class MeasuredRow {
 public:
  MeasuredRow(std::shared_ptr<const MeasuredColumns> columns, std::vector<std::string> cells, std::size_t index,
              std::string problem);

  [[nodiscard]] const std::string& id() const { return id_; }                 // as in the file, else "row:N", N from 1
  [[nodiscard]] const std::string& text(std::string_view column) const;       // "" where the file has none
  [[nodiscard]] std::optional<double> number(std::string_view column) const;  // absent: empty, no finite number
  [[nodiscard]] bool has(std::string_view column) const { return columns_->find(column).has_value(); }
  [[nodiscard]] const MeasuredColumns& columns() const { return *columns_; }
  [[nodiscard]] const std::string& cell(std::size_t position) const;     // by column; "" where the row is shorter
  [[nodiscard]] const std::string& problem() const { return problem_; }  // why it is no row, "" when it is one

 private:
  std::shared_ptr<const MeasuredColumns> columns_;
  std::vector<std::string> cells_;
  std::string id_, problem_;
};

struct MeasuredTable {
  std::shared_ptr<const MeasuredColumns> columns;
  std::vector<MeasuredRow> rows;
};

// JSON null is an empty cell. Problems are of the file as a whole; a row that is none says so itself.
MeasuredTable parse_measured_table(const std::string& text, const std::string& file, Problems& problems);
MeasuredTable read_measured_table(const std::string& path, Problems& problems);

}  // namespace aifactory
