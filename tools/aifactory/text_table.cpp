#include "tools/aifactory/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "models/units/quantity.h"
#include "models/units/unit_text.h"

namespace aifactory {

namespace {

// Columns on a terminal, counting UTF-8 sequences once.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_numeric(const std::string& text) {
  return !text.empty() &&
         (text.find_first_of("0123456789") == 0 ||
          (text.size() > 1 && text.find_first_of("+-.") == 0 && text.find_first_of("0123456789", 1) == 1));
}

std::string thousands(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return (value < 0 ? "-" : "") + digits;
}

// Four significant digits without an exponent for everyday magnitudes.
std::string four_digits(double value) {
  const double magnitude = std::abs(value);
  if (magnitude == 0.0) {
    return "0";
  }
  if (magnitude >= 1e4 && magnitude < 1e15) {
    return thousands(value);
  }
  if (magnitude < 1e-4 || magnitude >= 1e15) {
    return fmt::format("{:.3e}", value);
  }
  return fmt::format("{:.4g}", value);
}

std::string scaled(double value, std::string_view unit) {
  constexpr std::array<std::pair<double, const char*>, 4> kSteps = {
      {{1e12, "T "}, {1e9, "B "}, {1e6, "M "}, {1e3, "k "}}};
  const double magnitude = std::abs(value);
  for (const auto& [step, prefix] : kSteps) {
    if (magnitude >= step) {
      const std::string text = fmt::format("{:.4g} {}{}", value / step, prefix, unit);
      return text.substr(0, text.find_last_not_of(' ') + 1);
    }
  }
  return fmt::format("{:.4g} {}", value, unit);
}

}  // namespace

std::string human(double value, const std::string& unit, bool fraction) {
  if (unit == "1") {
    return fraction ? fmt::format("{:.4g} %", value * 100.0) : four_digits(value);
  }
  if (unit == "W") {
    return format(Watts(value));
  }
  if (unit == "J") {
    return format(Joules(value), "Wh");
  }
  if (unit == "s") {
    return format(Seconds(value));
  }
  if (unit == "1/GW") {
    return thousands(value) + " per GW";
  }
  if (unit == "1/s") {
    return scaled(value, "/s");
  }
  if (unit == "token") {
    return scaled(value, "");
  }
  if (unit == "1/s/MW") {
    return scaled(value, "/s per MW");
  }
  if (unit == "1/J") {
    return four_digits(value) + " per J";
  }
  if (unit == "kg") {
    return scaled(value / 1e3, "t");
  }
  if (unit == "USD" || unit == "USD/yr" || unit == "USD/GW" || unit == "m3") {
    return scaled(value, unit);
  }
  if (unit == "yr") {
    return fmt::format("{:.3g} years", value);
  }
  return four_digits(value) + " " + unit;
}

std::string render_text(const TextTable& table, int indent) {
  std::vector<std::size_t> widths(table.header.size(), 0);
  std::vector<bool> right(table.header.size(), !table.rows.empty());
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    widths[c] = width_of(table.header[c]);
    for (const auto& row : table.rows) {
      if (c < row.size()) {
        widths[c] = std::max(widths[c], width_of(row[c]));
        right[c] = right[c] && (row[c].empty() || is_numeric(row[c]));
      }
    }
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text(static_cast<std::size_t>(indent), ' ');
    for (std::size_t c = 0; c < cells.size() && c < widths.size(); ++c) {
      const std::string pad(widths[c] - width_of(cells[c]), ' ');
      text += (c == 0 ? "" : "  ") + (right[c] ? pad + cells[c] : cells[c] + pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  if (std::any_of(table.header.begin(), table.header.end(), [](const std::string& cell) { return !cell.empty(); })) {
    line(table.header);
  }
  for (const auto& row : table.rows) {
    line(row);
  }
  return out;
}

std::string render_markdown(const TextTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) {
      text += " ";
      for (const char letter : cell) {
        text += letter == '|' ? std::string("\\|") : std::string(1, letter);
      }
      text += " |";
    }
    return text + "\n";
  };
  std::string out = line(table.header) + "|";
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    out += "---|";
  }
  out += "\n";
  for (const auto& row : table.rows) {
    out += line(row);
  }
  return out;
}

std::string render_csv(const TextTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      std::string cell = cells[c];
      if (cell.find_first_of(",\"\r\n") != std::string::npos) {
        std::string quoted = "\"";
        for (const char letter : cell) {
          quoted += letter == '"' ? "\"\"" : std::string(1, letter);
        }
        cell = quoted + "\"";
      }
      text += (c == 0 ? "" : ",") + cell;
    }
    return text + "\n";
  };
  std::string out = line(table.header);
  for (const auto& row : table.rows) {
    out += line(row);
  }
  return out;
}

namespace {

template <class Number>
TextTable convert(const Table& table, Number&& number) {
  TextTable text;
  text.header = table.columns;
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) {
      const auto* words = std::get_if<std::string>(&cell);
      cells.push_back(words != nullptr ? *words : number(std::get<double>(cell)));
    }
    text.rows.push_back(std::move(cells));
  }
  return text;
}

}  // namespace

TextTable to_text(const Table& table) {
  return convert(table, four_digits);
}

TextTable to_exact_text(const Table& table) {
  return convert(table, [](double value) { return fmt::format("{}", value); });
}

}  // namespace aifactory
