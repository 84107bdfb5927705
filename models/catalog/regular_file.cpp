// Bytes of regular files and of nothing else.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "models/catalog/json_reader.h"

namespace aifactory {

namespace {

// Closes a file descriptor when a reader leaves early.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string_view file_kind(mode_t mode) {
  if (S_ISDIR(mode)) {
    return "a directory";
  }
  if (S_ISFIFO(mode)) {
    return "a pipe";
  }
  if (S_ISSOCK(mode)) {
    return "a socket";
  }
  return "a device";
}

}  // namespace

bool read_regular_file(const std::string& path, std::size_t max_bytes, Problems& problems, std::string& bytes) {
  if (path.find('\0') != std::string::npos) {
    problems.add(path.substr(0, path.find('\0')), "", "path contains a zero byte");
    return false;
  }
  // Non-blocking, so that opening a pipe without a writer does not hang.
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (descriptor.get() < 0) {
    problems.add(path, "", fmt::format("cannot open: {}", std::generic_category().message(errno)));
    return false;
  }
  struct stat info {};
  if (::fstat(descriptor.get(), &info) != 0) {
    problems.add(path, "", fmt::format("cannot read: {}", std::generic_category().message(errno)));
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    problems.add(path, "", fmt::format("is {}, not a regular file", file_kind(info.st_mode)));
    return false;
  }
  if (static_cast<std::size_t>(info.st_size) > max_bytes) {
    problems.add(path, "", fmt::format("is {} bytes long; at most {} are read", info.st_size, max_bytes));
    return false;
  }
  bytes.resize(static_cast<std::size_t>(info.st_size) + 1);  // one more, to notice a file that grows
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(descriptor.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      problems.add(path, "", fmt::format("cannot read: {}", std::generic_category().message(errno)));
      return false;
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return true;
}

}  // namespace aifactory
