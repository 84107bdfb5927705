// One table per type: it drives parsing, ranges, JSON Schema, `show` and the documentation of catalogue entries and of
// scenario sections alike. A complete example, a catalogue kind of one's own:
//
//   // models/catalog/tariff_table.h
//   const FieldTable<Tariff>& tariff_table();
//
//   // models/catalog/tariff_table.cpp
//   const FieldTable<Tariff>& tariff_table() {
//     static const FieldTable<DemandCharge> demand = FieldTable<DemandCharge>("demand_charge")
//         .quantity("price", &DemandCharge::price, "USD/kW-month", "on the highest hour").required().non_negative();
//     static const FieldTable<Tariff> table = FieldTable<Tariff>("tariff", 1, "What electricity costs.")
//         .header(&Tariff::id, &Tariff::name)
//         .quantity("energy", &Tariff::energy, "USD/MWh", "per unit of energy").required().non_negative()
//         .number("losses", &Tariff::losses, "share lost before the meter").fraction()
//             .default_value(0.0, "metered at the site's own substation")
//         .choice("market", &Tariff::market, {{"fixed", Market::kFixed}, {"spot", Market::kSpot}}, "how it is set")
//         .object("demand", &Tariff::demand, demand, "charge on power")         // std::optional<DemandCharge>: may be
//         absent .quantities("hourly", &Tariff::hourly, "USD/MWh", "one value per hour of the year").items(8760, 8760)
//         .date("since", kNotMapped, "first day it applies")                    // shown and checked, read by no model
//         .check([](Tariff& t, ReadContext& c) { if (...) c.problem_in("energy", "..."); });
//     return table;
//   }
//   // models/catalog/entry_types.cpp: one line, {"energy", tariff_table()}
//
//   Tariff t = load_entry(catalog, "energy", "pjm_2025", tariff_table(), &log);     // throws ConfigError
//
// Scenario sections use the same tables without a version:
//
//   ReadContext context(problems, file);
//   context.catalog = &catalog; context.log = &log;
//   Site site = read(site_table(), document.root->at("sites")[0], context);
//   problems.throw_if_any();
//
// A member is given as a pointer to member or as a callable from T& to a reference. Members may be std::optional.
// Modifiers (required, positive, default_value, ...) apply to the field added last.
#pragma once

#include <cmath>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "models/catalog/table_core.h"
#include "models/units/quantity.h"

namespace aifactory {

// In place of a member: the field is checked, documented and shown, but no model reads it.
struct NotMapped {};
inline constexpr NotMapped kNotMapped{};

template <class T>
class ObjectTable : public TableBase {};

namespace detail {

template <class M>
struct WithoutOptional {
  using type = M;
  static constexpr bool optional = false;
};
template <class M>
struct WithoutOptional<std::optional<M>> {
  using type = M;
  static constexpr bool optional = true;
};

template <class T, class Access>
using Member = std::remove_cvref_t<std::invoke_result_t<Access&, T&>>;
template <class T, class Access>
using Value = typename WithoutOptional<Member<T, Access>>::type;

template <class T, class Access>
decltype(auto) member_of(Access& access, void* object) {
  return std::invoke(access, *static_cast<T*>(object));
}

// Checks the field's unit against the member's dimension once, when the table is built.
void set_dimension(Field& field, const Dimension& dimension);
void set_unit_only(Field& field);
std::string json_text(double value);
std::string json_text(bool value);
std::string json_text(std::string_view value);

}  // namespace detail

template <class T>
class FieldTable : public ObjectTable<T> {
 public:
  // version > 0: a catalogue entry of schema "name/version".
  explicit FieldTable(std::string name, int version = 0, std::string doc = {}) {
    building().name = std::move(name);
    building().version = version;
    building().doc = std::move(doc);
    building().make = [] { return std::static_pointer_cast<void>(std::make_shared<T>()); };
  }

  // Entries: the members that take id and name. schema, aliases and facts are handled for every entry.
  FieldTable& header(std::string T::*id, std::string T::*name) {
    building().set_id = [id](void* object, const std::string& text) { static_cast<T*>(object)->*id = text; };
    building().set_name = [name](void* object, const std::string& text) { static_cast<T*>(object)->*name = text; };
    return *this;
  }

  // --- scalars -----------------------------------------------------------------------------------------------------

  // A member of type Quantity; `unit` is the one people usually write.
  template <class Access>
  FieldTable& quantity(std::string name, Access access, std::string unit, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kQuantity, std::move(doc));
    field.unit = std::move(unit);
    if constexpr (std::is_same_v<Access, NotMapped>) {
      field.mapped = false;
      detail::set_unit_only(field);
    } else {
      using Q = detail::Value<T, Access>;
      detail::set_dimension(field, dimension_of<Q>());
      field.set_number = [access](void* object, double value, ReadContext&) mutable {
        detail::member_of<T>(access, object) = Q(value);
      };
    }
    return *this;
  }

  // A dimensionless double: 0.85 or "85 %".
  template <class Access>
  FieldTable& number(std::string name, Access access, std::string doc) {
    return plain_number(std::move(name), FieldKind::kNumber, access, std::move(doc));
  }

  // Any integer type, or a double that holds a count.
  template <class Access>
  FieldTable& integer(std::string name, Access access, std::string doc) {
    plain_number(std::move(name), FieldKind::kInteger, access, std::move(doc));
    constexpr double kExact = 9007199254740992.0;  // 2^53
    last().bounds.low = -kExact;
    last().bounds.high = kExact;
    if constexpr (!std::is_same_v<Access, NotMapped>) {
      using I = detail::Value<T, Access>;
      if constexpr (std::is_integral_v<I>) {
        last().bounds.low = std::max(-kExact, static_cast<double>(std::numeric_limits<I>::min()));
        last().bounds.high = std::min(kExact, static_cast<double>(std::numeric_limits<I>::max()));
      }
    }
    return *this;
  }

  template <class Access>
  FieldTable& boolean(std::string name, Access access, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kBoolean, std::move(doc));
    if constexpr (std::is_same_v<Access, NotMapped>) {
      field.mapped = false;
    } else {
      field.set_number = [access](void* object, double value, ReadContext&) mutable {
        detail::member_of<T>(access, object) = value != 0.0;
      };
    }
    return *this;
  }

  template <class Access>
  FieldTable& date(std::string name, Access access, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kDate, std::move(doc));
    if constexpr (std::is_same_v<Access, NotMapped>) {
      field.mapped = false;
    } else {
      field.set_number = [access](void* object, double days, ReadContext&) mutable {
        detail::member_of<T>(access, object) = Date::from_days(static_cast<int>(days));
      };
    }
    return *this;
  }

  // std::string members.
  template <class Access>
  FieldTable& text(std::string name, Access access, std::string doc) {
    return string_field(std::move(name), FieldKind::kText, access, std::move(doc));
  }
  template <class Access>
  FieldTable& id(std::string name, Access access, std::string doc) {
    return string_field(std::move(name), FieldKind::kId, access, std::move(doc));
  }
  // Arrives resolved (ReadContext::resolve_path).
  template <class Access>
  FieldTable& path(std::string name, Access access, std::string doc) {
    return string_field(std::move(name), FieldKind::kPath, access, std::move(doc));
  }
  // The id of an entry of `kind` (aliases are resolved to ids); the entry must exist when there is a catalogue.
  template <class Access>
  FieldTable& reference(std::string name, std::string kind, Access access, std::string doc) {
    string_field(std::move(name), FieldKind::kReference, access, std::move(doc));
    last().reference = std::move(kind);
    return *this;
  }
  // The same, loading the entry into the member through its own table.
  template <class Access>
  FieldTable& entry(std::string name, std::string kind, Access access,
                    const ObjectTable<detail::Value<T, Access>>& table, std::string doc) {
    using U = detail::Value<T, Access>;
    Field& field = add(std::move(name), FieldKind::kReference, std::move(doc));
    field.reference = std::move(kind);
    field.set_text = [access, entry_kind = field.reference, entry_table = table.shared_core()](
                         void* object, const std::string& id, ReadContext& context) mutable {
      U value{};
      if (read_entry_named(*entry_table, &value, entry_kind, id, context)) {
        detail::member_of<T>(access, object) = std::move(value);
      }
    };
    return *this;
  }

  // An enum member and the text of each of its values.
  template <class Access, class E = detail::Value<T, Access>>
  FieldTable& choice(std::string name, Access access, std::vector<std::pair<std::string, E>> choices, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kChoice, std::move(doc));
    std::vector<E> values;
    for (auto& [text, value] : choices) {
      field.choices.push_back(std::move(text));
      values.push_back(value);
    }
    field.set_number = [access, values](void* object, double index, ReadContext&) mutable {
      detail::member_of<T>(access, object) = values[static_cast<std::size_t>(index)];
    };
    return *this;
  }
  // Enumerators 0, 1, 2... named in order.
  template <class Access, class E = detail::Value<T, Access>>
  FieldTable& choice_of(std::string name, Access access, std::span<const std::string_view> names, std::string doc) {
    std::vector<std::pair<std::string, E>> choices;
    for (std::size_t i = 0; i < names.size(); ++i) {
      choices.emplace_back(std::string(names[i]), static_cast<E>(i));
    }
    return choice(std::move(name), access, std::move(choices), std::move(doc));
  }
  FieldTable& choice_unmapped(std::string name, std::vector<std::string> names, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kChoice, std::move(doc));
    field.choices = std::move(names);
    field.mapped = false;
    return *this;
  }

  // --- lists and maps of scalars -----------------------------------------------------------------------------------

  // std::vector<Quantity>
  template <class Access>
  FieldTable& quantities(std::string name, Access access, std::string unit, std::string doc) {
    using Q = typename detail::Value<T, Access>::value_type;
    list_of(std::move(name), FieldKind::kQuantity, access, std::move(doc));
    last().unit = std::move(unit);
    detail::set_dimension(last(), dimension_of<Q>());
    last().set_number = appender<Q>(access);
    return *this;
  }
  // std::vector<double>
  template <class Access>
  FieldTable& numbers(std::string name, Access access, std::string doc) {
    list_of(std::move(name), FieldKind::kNumber, access, std::move(doc));
    last().set_number = appender<typename detail::Value<T, Access>::value_type>(access);
    return *this;
  }
  // std::vector<std::string> of free text
  template <class Access>
  FieldTable& texts(std::string name, Access access, std::string doc) {
    list_of(std::move(name), FieldKind::kText, access, std::move(doc));
    last().set_text = [access](void* object, const std::string& text, ReadContext&) mutable {
      detail::member_of<T>(access, object).push_back(text);
    };
    return *this;
  }
  // std::vector<std::string> of ids
  template <class Access>
  FieldTable& ids(std::string name, Access access, std::string doc) {
    list_of(std::move(name), FieldKind::kId, access, std::move(doc));
    last().set_text = [access](void* object, const std::string& text, ReadContext&) mutable {
      detail::member_of<T>(access, object).push_back(text);
    };
    return *this;
  }
  // std::vector<std::string> of entries of `kind`
  template <class Access>
  FieldTable& references(std::string name, std::string kind, Access access, std::string doc) {
    ids(std::move(name), access, std::move(doc));
    last().kind = FieldKind::kReference;
    last().reference = std::move(kind);
    return *this;
  }

  // std::array<Quantity, N> (or a vector) indexed by an enum whose names are given: {"bf16": "2.5 PFLOPS", ...}
  template <class Access>
  FieldTable& quantity_by_choice(std::string name, Access access, std::span<const std::string_view> names,
                                 std::string unit, std::string doc) {
    using Q = std::remove_cvref_t<decltype(std::declval<detail::Value<T, Access>&>()[0])>;
    Field& field = add(std::move(name), FieldKind::kQuantity, std::move(doc));
    field.shape = FieldShape::kMapByChoice;
    field.unit = std::move(unit);
    detail::set_dimension(field, dimension_of<Q>());
    field.choices.assign(names.begin(), names.end());
    field.set_keyed = [access](void* object, const std::string&, std::size_t index, double value) mutable {
      detail::member_of<T>(access, object)[index] = Q(value);
    };
    return *this;
  }
  // std::map<std::string, Quantity>
  template <class Access>
  FieldTable& quantity_by_id(std::string name, Access access, std::string unit, std::string doc) {
    using Q = typename detail::Value<T, Access>::mapped_type;
    number_by_id(std::move(name), access, std::move(doc));
    last().kind = FieldKind::kQuantity;
    last().unit = std::move(unit);
    detail::set_dimension(last(), dimension_of<Q>());
    return *this;
  }
  // std::map<std::string, double>
  template <class Access>
  FieldTable& number_by_id(std::string name, Access access, std::string doc) {
    using Q = typename detail::Value<T, Access>::mapped_type;
    Field& field = add(std::move(name), FieldKind::kNumber, std::move(doc));
    field.shape = FieldShape::kMapById;
    field.clear = [access](void* object) mutable { detail::member_of<T>(access, object).clear(); };
    field.set_keyed = [access](void* object, const std::string& key, std::size_t, double value) mutable {
      detail::member_of<T>(access, object).insert_or_assign(key, Q(value));
    };
    return *this;
  }

  // --- objects -----------------------------------------------------------------------------------------------------

  // A member (or std::optional member) with a table of its own. A plain member that is absent in the input takes the
  // defaults of its own fields, if none of them is required.
  template <class Access>
  FieldTable& object(std::string name, Access access, const ObjectTable<detail::Value<T, Access>>& table,
                     std::string doc) {
    Field& field = add(std::move(name), FieldKind::kObject, std::move(doc));
    field.object = table.shared_core();
    field.optional = detail::WithoutOptional<detail::Member<T, Access>>::optional;
    field.open = [access](void* object) mutable -> void* {
      auto& member = detail::member_of<T>(access, object);
      if constexpr (detail::WithoutOptional<detail::Member<T, Access>>::optional) {
        return &member.emplace();
      } else {
        return &member;
      }
    };
    return *this;
  }
  // Fields of T itself that JSON writes one level deeper.
  FieldTable& group(std::string name, const ObjectTable<T>& table, std::string doc) {
    return object(
        std::move(name), [](T& self) -> T& { return self; }, table, std::move(doc));
  }
  // std::vector<U>; `unique` names a field whose values must differ between elements ("" for none).
  template <class Access>
  FieldTable& objects(std::string name, Access access,
                      const ObjectTable<typename detail::Value<T, Access>::value_type>& table, std::string doc,
                      std::string unique = {}) {
    list_of(std::move(name), FieldKind::kObject, access, std::move(doc));
    last().object = table.shared_core();
    last().unique_key = std::move(unique);
    last().open = [access](void* object) mutable -> void* {
      return &detail::member_of<T>(access, object).emplace_back();
    };
    return *this;
  }

  // Anything else: read by a function, described by a JSON Schema (as text).
  FieldTable& custom(std::string name, std::function<void(T&, const nlohmann::json&, ReadContext&)> read,
                     std::string schema, std::string doc) {
    Field& field = add(std::move(name), FieldKind::kCustom, std::move(doc));
    field.read_custom = [read = std::move(read)](void* object, const nlohmann::json& value, ReadContext& context) {
      if (object != nullptr) {
        read(*static_cast<T*>(object), value, context);
      }
    };
    field.custom_schema = std::move(schema);
    return *this;
  }

  // A rule over the whole object, run when everything in it could be read.
  FieldTable& check(std::function<void(T&, ReadContext&)> rule) {
    building().checks.push_back(
        [rule = std::move(rule)](void* object, ReadContext& context) { rule(*static_cast<T*>(object), context); });
    return *this;
  }

  // --- modifiers of the field added last -----------------------------------------------------------------------------

  FieldTable& required() {
    last().required = true;
    return *this;
  }
  // Read through the same field when it is absent. Text for quantities ("5 years") and choices.
  FieldTable& default_value(std::string_view text, std::string reason) {
    return set_default(detail::json_text(text), std::string(text), std::move(reason));
  }
  FieldTable& default_value(const char* text, std::string reason) {
    return default_value(std::string_view(text), std::move(reason));
  }
  FieldTable& default_value(double value, std::string reason) {
    return set_default(detail::json_text(value), detail::json_text(value), std::move(reason));
  }
  FieldTable& default_value(int value, std::string reason) {
    return default_value(static_cast<double>(value), std::move(reason));
  }
  FieldTable& default_value(bool value, std::string reason) {
    return set_default(detail::json_text(value), detail::json_text(value), std::move(reason));
  }
  // A default the model works out ("as the site's"): documented here, applied there.
  FieldTable& default_rule(std::string text, std::string reason) {
    last().default_text = std::move(text);
    last().default_reason = std::move(reason);
    return *this;
  }
  // Bounds are in SI base units (or as a Quantity).
  FieldTable& at_least(double low) { return low_bound(low, false); }
  FieldTable& above(double low) { return low_bound(low, true); }
  FieldTable& at_most(double high) { return high_bound(high, false); }
  FieldTable& below(double high) { return high_bound(high, true); }
  template <int... E>
  FieldTable& at_least(Quantity<E...> low) {
    return low_bound(low.value(), false);
  }
  template <int... E>
  FieldTable& at_most(Quantity<E...> high) {
    return high_bound(high.value(), false);
  }
  FieldTable& positive() { return above(0.0); }
  FieldTable& non_negative() { return at_least(0.0); }
  FieldTable& fraction() { return at_least(0.0).at_most(1.0); }
  // A rise or difference of temperature (K), not a point on the scale (degC).
  FieldTable& difference() {
    last().temperature = Temperature::kDifference;
    return *this;
  }
  FieldTable& items(std::size_t fewest, std::size_t most = std::numeric_limits<std::size_t>::max()) {
    last().min_items = fewest;
    last().max_items = most;
    return *this;
  }
  // Ids (or keys of a map by id) known only when reading, e.g. the sites of this scenario.
  FieldTable& among(std::function<std::vector<std::string>(const ReadContext&)> allowed) {
    last().allowed = std::move(allowed);
    return *this;
  }

 private:
  using ObjectTable<T>::core_;
  TableCore& building() { return *core_; }
  Field& last() { return core_->fields.back(); }

  Field& add(std::string name, FieldKind kind, std::string doc) {
    Field field;
    field.name = std::move(name);
    field.kind = kind;
    field.doc = std::move(doc);
    core_->fields.push_back(std::move(field));
    return last();
  }

  template <class Access>
  FieldTable& plain_number(std::string name, FieldKind kind, Access access, std::string doc) {
    Field& field = add(std::move(name), kind, std::move(doc));
    if constexpr (std::is_same_v<Access, NotMapped>) {
      field.mapped = false;
    } else {
      field.set_number = [access](void* object, double value, ReadContext&) mutable {
        detail::member_of<T>(access, object) = static_cast<detail::Value<T, Access>>(value);
      };
    }
    return *this;
  }

  template <class Access>
  FieldTable& string_field(std::string name, FieldKind kind, Access access, std::string doc) {
    Field& field = add(std::move(name), kind, std::move(doc));
    if constexpr (std::is_same_v<Access, NotMapped>) {
      field.mapped = false;
    } else {
      field.set_text = [access](void* object, const std::string& text, ReadContext&) mutable {
        detail::member_of<T>(access, object) = text;
      };
    }
    return *this;
  }

  template <class Access>
  Field& list_of(std::string name, FieldKind kind, Access access, std::string doc) {
    Field& field = add(std::move(name), kind, std::move(doc));
    field.shape = FieldShape::kList;
    field.clear = [access](void* object) mutable {
      auto& member = detail::member_of<T>(access, object);
      if constexpr (detail::WithoutOptional<detail::Member<T, Access>>::optional) {
        member.emplace();
      } else {
        member.clear();
      }
    };
    return field;
  }

  template <class Q, class Access>
  static std::function<void(void*, double, ReadContext&)> appender(Access access) {
    return [access](void* object, double value, ReadContext&) mutable {
      detail::member_of<T>(access, object).push_back(static_cast<Q>(value));
    };
  }

  FieldTable& set_default(std::string json, std::string text, std::string reason) {
    last().default_json = std::move(json);
    return default_rule(std::move(text), std::move(reason));
  }
  FieldTable& low_bound(double low, bool excluded) {
    last().bounds.low = low;
    last().bounds.low_excluded = excluded;
    return *this;
  }
  FieldTable& high_bound(double high, bool excluded) {
    last().bounds.high = high;
    last().bounds.high_excluded = excluded;
    return *this;
  }
};

// One of several types, chosen by the text at a key:
//   VariantTable<std::variant<Poisson, Trace>>("arrivals", "kind").alternative("poisson", poisson_table())...
// is used wherever a table of std::variant<Poisson, Trace> is.
template <class V>
class VariantTable : public ObjectTable<V> {
 public:
  VariantTable(std::string name, std::string discriminator, std::string doc = {}) {
    this->core_->name = std::move(name);
    this->core_->discriminator = std::move(discriminator);
    this->core_->doc = std::move(doc);
    this->core_->make = [] { return std::static_pointer_cast<void>(std::make_shared<V>()); };
  }
  template <class U>
  VariantTable& alternative(std::string name, const ObjectTable<U>& table) {
    return alternative<U>(std::move(name), table, [](V& variant) -> U& { return variant.template emplace<U>(); });
  }
  template <class U>
  VariantTable& alternative(std::string name, const ObjectTable<U>& table, std::function<U&(V&)> emplace) {
    this->core_->alternatives.push_back(
        {std::move(name), table.shared_core(),
         [emplace = std::move(emplace)](void* object) -> void* { return &emplace(*static_cast<V*>(object)); }});
    return *this;
  }
};

// Reads a value at the context's current pointer. What could not be read keeps its default; see context.problems().
template <class T>
T read(const ObjectTable<T>& table, const nlohmann::json& value, ReadContext& context) {
  T result{};
  read_object(table.core(), &result, value, context);
  return result;
}

// An entry of the catalogue by id or alias; problems (unknown, broken) are reported where the asker stands.
template <class T>
std::optional<T> load_entry(const ObjectTable<T>& table, std::string_view kind, std::string_view id_or_alias,
                            ReadContext& asker) {
  T result{};
  if (!read_entry_named(table.core(), &result, kind, id_or_alias, asker)) {
    return std::nullopt;
  }
  return result;
}

// The same for code that has no input of its own; throws ConfigError.
template <class T>
T load_entry(const Catalog& catalog, std::string_view kind, std::string_view id_or_alias, const ObjectTable<T>& table,
             ReadLog* log = nullptr) {
  Problems problems;
  ReadContext asker(problems, std::string(kind) + "/" + std::string(id_or_alias));
  asker.catalog = &catalog;
  asker.log = log;
  T result{};
  read_entry_named(table.core(), &result, kind, id_or_alias, asker);
  problems.throw_if_any();
  return result;
}

}  // namespace aifactory
