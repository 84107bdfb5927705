// What is wrong with an input, all of it at once. Readers put problems into a Problems collector that is handed down
// explicitly; whoever owns the input calls throw_if_any() when everything has been read.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aifactory {

struct Problem {
  std::string file;     // as the user named it
  std::string pointer;  // RFC 6901, "" for the whole document
  std::string message;  // what is wrong, with the value that was found
  std::string hint;     // what to do: 'did you mean "x"?', the list of choices, an example

  // `file: /pointer: message (hint)`
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Problem&, const Problem&) = default;
};

// Thrown once per input with every problem found; what() is one line per problem, in document order.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<Problem> problems);
  // One problem that stands alone.
  ConfigError(std::string file, std::string pointer, std::string message, std::string hint = {});

  [[nodiscard]] const std::vector<Problem>& problems() const { return *problems_; }

 private:
  std::shared_ptr<const std::vector<Problem>> problems_;  // shared: copying an exception must not throw
};

class Problems {
 public:
  // The same problem reported twice (an entry read through two references) is kept once. Of a hopeless input the first
  // kMostKept are kept and the others counted.
  static constexpr std::size_t kMostKept = 500;
  void add(Problem problem);
  void add(std::string file, std::string pointer, std::string message, std::string hint = {});

  // Source text of a file, so that problems can be put in the order of the document. load_json() does this.
  void attach(const std::string& file, std::shared_ptr<const std::string> text);

  // Adds what another collector holds.
  void merge(const Problems& other);

  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] std::size_t size() const { return problems_.size(); }
  // How often anything was added, repetitions included: unchanged means that what was read in between is sound.
  [[nodiscard]] std::size_t reports() const { return reports_; }
  // Nothing more is kept: work on hints is in vain.
  [[nodiscard]] bool full() const { return problems_.size() >= kMostKept; }
  // Files in the order first seen; within a file in the order in which the pointers appear in its text.
  [[nodiscard]] std::vector<Problem> sorted() const;
  void throw_if_any() const;

 private:
  std::vector<Problem> problems_;
  std::size_t reports_ = 0;
  std::size_t dropped_ = 0;
  std::map<std::string, std::shared_ptr<const std::string>> texts_;
};

// Text from an input fit to be quoted in a message: control characters and bytes that are not UTF-8 become \xNN, long
// texts are cut.
std::string brief(std::string_view text, std::size_t longest = 200);

}  // namespace aifactory
