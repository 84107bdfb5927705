#include <filesystem>
#include <utility>

#include "models/catalog/catalog.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/table_core.h"

namespace aifactory {

ReadContext::ReadContext(Problems& problems, std::string file) : problems_(problems), default_file_(std::move(file)) {}

ReadContext::ReadContext(Problems& problems, const Catalog& from, const Entry& entry, ReadLog* read_log)
    : catalog(&from), log(read_log), problems_(problems), entry_(&entry) {}

std::string ReadContext::file_at(const std::string& pointer) const {
  if (file_of) {
    return file_of(pointer);
  }
  return entry_ != nullptr ? entry_->layer_of(pointer).file : default_file_;
}

std::string ReadContext::resolved(const std::string& written) const {
  if (resolve_path) {
    return resolve_path(pointer_, written);
  }
  return (std::filesystem::path(file()).parent_path() / written).lexically_normal().string();
}

void ReadContext::problem(std::string message, std::string hint) {
  problems_.add(file(), pointer_, std::move(message), std::move(hint));
}

void ReadContext::problem_in(std::string_view member, std::string message, std::string hint) {
  const Step step(*this, member);
  problem(std::move(message), std::move(hint));
}

ReadContext::Step::Step(ReadContext& context, std::string_view member)
    : context_(context), length_(context.pointer_.size()) {
  context_.pointer_ = child_pointer(context_.pointer_, member);
}

ReadContext::Step::Step(ReadContext& context, std::size_t index) : context_(context), length_(context.pointer_.size()) {
  context_.pointer_ = child_pointer(context_.pointer_, index);
}

ReadContext::Step::~Step() {
  context_.pointer_.resize(length_);
}

}  // namespace aifactory
