// Reading one scalar of a field: the plain value, its range, and in the catalogue the fact around it.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "models/catalog/table_core.h"

namespace aifactory::detail {

struct Scalar {
  double number = 0.0;  // quantity, number, integer, boolean, choice (its index), date (days since 1970)
  std::string text;     // text, id, path (resolved), reference (the entry's id)
};

// A value as it is written outside the catalogue. `unit` is that of a fact whose value is a bare number.
std::optional<Scalar> read_plain(const Field& field, const nlohmann::json& value, ReadContext& context,
                                 const std::string* unit = nullptr);

// A value wherever it may stand: a plain one, an uncertain one (through the context's hook), or in the catalogue a fact
// or vintages of it, whose record goes to the log. Lists of scalars give every element to `take`.
void read_value(const Field& field, const nlohmann::json& value, ReadContext& context,
                const std::function<void(const Scalar&)>& take);

// The values in `value` as a person reads them.
std::string shown(const nlohmann::json& value);

// An SI value of a field for reading: "1.2 kW", "0.85".
std::string with_unit(const Field& field, double in_si);

// "a quantity such as \"1 TB/s\"", "one of: air, hybrid, liquid".
std::string expectation(const Field& field);

// True for {"value": ...} and arrays of it.
bool is_fact(const nlohmann::json& value);
bool is_vintages(const nlohmann::json& value);

// The founding of a fact that stands at the context's pointer, from its own members, then from the "facts" block of the
// layer that states it. Nothing and problems when it is incomplete or names unknown sources.
std::optional<Founding> founding_of(const nlohmann::json* fact, ReadContext& context);

// Whether an id is among those the field allows; a problem with the nearest ones otherwise.
bool check_allowed(const Field& field, const std::string& id, ReadContext& context);

}  // namespace aifactory::detail
