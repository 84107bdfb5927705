// What a field table is made of, with the C++ type erased, so that parsing, schema and documentation are compiled once.
// Users include models/catalog/field_table.h, which builds these from member pointers.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/catalog/config_error.h"
#include "models/catalog/fact.h"
#include "models/units/date.h"
#include "models/units/dimension.h"
#include "models/units/unit_text.h"

namespace aifactory {

class Catalog;
struct Entry;
class ReadContext;

enum class FieldKind {
  kQuantity,  // text with a unit
  kNumber,    // dimensionless: a number, or text such as "85 %" or "800 million"
  kInteger,   // |value| <= 2^53
  kBoolean,
  kText,       // free
  kId,         // [a-z][a-z0-9_.-]{0,63}
  kChoice,     // one of `choices`
  kDate,       // YYYY, YYYY-MM or YYYY-MM-DD
  kPath,       // of a file, relative to the file that says so
  kReference,  // id or alias of a catalogue entry of kind `reference`
  kObject,     // `object`
  kCustom,     // read by `read_custom`, described by `custom_schema`
};

enum class FieldShape {
  kOne,
  kList,         // JSON array
  kMapByChoice,  // JSON object whose keys are `choices`
  kMapById,      // JSON object whose keys are ids (of `allowed`, if given)
};

struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;
};

struct TableCore;

struct Field {
  std::string name;
  FieldKind kind = FieldKind::kText;
  FieldShape shape = FieldShape::kOne;
  std::string doc;
  bool required = false;
  bool mapped = true;  // false: kept for people (show, validate), no model reads it

  std::string default_json;    // read in place of an absent field; "" when there is none
  std::string default_text;    // the default as people read it
  std::string default_reason;  // why, with its source

  // Scalars.
  Dimension dimension;
  std::string unit;  // the usual one, for documentation and messages
  Temperature temperature = Temperature::kAbsolute;
  Bounds bounds;  // in SI base units
  std::vector<std::string> choices;
  std::string reference;                                                // kind of the entries referred to
  std::function<std::vector<std::string>(const ReadContext&)> allowed;  // further limits ids or map keys

  // Lists.
  std::size_t min_items = 0;
  std::size_t max_items = std::numeric_limits<std::size_t>::max();
  std::string unique_key;  // of the objects in the list

  // Objects.
  std::shared_ptr<const TableCore> object;
  bool optional = false;  // absent leaves it absent, instead of filled with the defaults of its own fields

  // Where values go; the void* is the T of the table. All are set or unset as the kind needs.
  std::function<void(void*, double, ReadContext&)> set_number;  // quantity, number, integer, boolean, choice (its
                                                                // index), date (days since 1970); appends in a list
  std::function<void(void*, const std::string&, ReadContext&)> set_text;          // text, id, path, reference
  std::function<void(void*, const std::string&, std::size_t, double)> set_keyed;  // maps: key, choice index, value
  std::function<void*(void*)> open;  // object: the member; list of objects: a new element at the end
  std::function<void(void*)> clear;  // lists and maps, before reading
  std::function<void(void*, const nlohmann::json&, ReadContext&)> read_custom;
  std::string custom_schema;  // JSON text

  [[nodiscard]] bool is_number() const {
    return kind == FieldKind::kQuantity || kind == FieldKind::kNumber || kind == FieldKind::kInteger;
  }
};

struct TableCore {
  std::string name;  // "accelerator"; documents are "accelerator/1" when it is an entry
  int version = 0;   // > 0 for catalogue entries
  std::string doc;
  std::vector<Field> fields;
  std::function<std::shared_ptr<void>()> make;                   // a default-constructed T
  std::vector<std::function<void(void*, ReadContext&)>> checks;  // run when the object itself had no problem

  // Entries: where the header goes.
  std::function<void(void*, const std::string&)> set_id;
  std::function<void(void*, const std::string&)> set_name;

  // One of several tables, chosen by the text at key `discriminator`; `fields` is empty then.
  struct Alternative {
    std::string name;
    std::shared_ptr<const TableCore> table;
    std::function<void*(void*)> emplace;
  };
  std::string discriminator;
  std::vector<Alternative> alternatives;

  [[nodiscard]] const Field* find(std::string_view field) const;
  [[nodiscard]] std::string schema_id() const;  // "accelerator/1"
};

// Where a reader is and what it may use. Passed down by reference; not copied by tables.
class ReadContext {
 public:
  // Scenario mode: plain values only, problems at `file`.
  ReadContext(Problems& problems, std::string file);
  // Catalogue mode: values may be facts with founding, vintages are chosen by catalog.as_of(), facts go to `log`.
  ReadContext(Problems& problems, const Catalog& catalog, const Entry& entry, ReadLog* log);

  ReadContext(const ReadContext&) = delete;
  ReadContext& operator=(const ReadContext&) = delete;

  // For references and for logging what they read. Set by scenario readers.
  const Catalog* catalog = nullptr;
  ReadLog* log = nullptr;

  // Where a document is merged from several files (extends, --set): the file that states the value at a pointer.
  std::function<std::string(const std::string& pointer)> file_of;
  // How a path written at a pointer becomes one to open. Default: relative to the folder of file_of(pointer).
  std::function<std::string(const std::string& pointer, const std::string& written)> resolve_path;
  // Called for an object where a scalar is expected, e.g. {"low": .., "mode": .., "high": ..}: the plain value to read
  // instead, or nothing if it is no uncertain value (then it is a problem). Unset: objects are problems.
  std::function<std::unique_ptr<nlohmann::json>(const nlohmann::json& object, const Field& field, ReadContext&)>
      uncertain;

  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] std::string file() const { return file_at(pointer_); }
  // resolve_path, or its default, at the current pointer.
  [[nodiscard]] std::string resolved(const std::string& written) const;
  [[nodiscard]] std::string file_at(const std::string& pointer) const;
  [[nodiscard]] Problems& problems() { return problems_; }
  [[nodiscard]] const Entry* entry() const { return entry_; }

  // A problem at the current pointer, or at a member of the current value.
  void problem(std::string message, std::string hint = {});
  void problem_in(std::string_view member, std::string message, std::string hint = {});

  // The current pointer one step deeper while in scope.
  class Step {
   public:
    Step(ReadContext& context, std::string_view member);
    Step(ReadContext& context, std::size_t index);
    ~Step();
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    ReadContext& context_;
    std::size_t length_;
  };
  // The whole pointer replaced while in scope, for readers that start inside a document.
  void set_pointer(std::string pointer) { pointer_ = std::move(pointer); }

 private:
  Problems& problems_;
  std::string default_file_;
  std::string pointer_;
  const Entry* entry_ = nullptr;
};

// Base of every table: a handle on its core.
class TableBase {
 public:
  [[nodiscard]] const TableCore& core() const { return *core_; }
  [[nodiscard]] std::shared_ptr<const TableCore> shared_core() const { return core_; }

 protected:
  TableBase() : core_(std::make_shared<TableCore>()) {}
  std::shared_ptr<TableCore> core_;
};

// Reads `value` into `target` (a T of the table; null validates and logs only). Unknown keys, wrong types, values out
// of range and missing fields become problems at their pointers; everything that can be read is read.
void read_object(const TableCore& table, void* target, const nlohmann::json& value, ReadContext& context);

// Reads an entry's header and fields in catalogue mode; adds the entry to `log`.
void read_entry(const TableCore& table, void* target, const Catalog& catalog, const Entry& entry, Problems& problems,
                ReadLog* log);

// Finds an entry by id or alias and reads it; false when it is unknown or of another schema. Problems about the name
// are reported where the asker stands.
bool read_entry_named(const TableCore& table, void* target, std::string_view kind, std::string_view id_or_alias,
                      ReadContext& asker);

// True if `text` matches [a-z][a-z0-9_.-]{0,63} and is not nan, inf or null.
bool is_id(std::string_view text);

}  // namespace aifactory
