#include "tools/probe/cudnn_library.h"

#include <dlfcn.h>

#include <utility>

#include "tools/probe/kernel.h"

namespace aifactory::probe {
namespace {

template <class Function>
bool resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

std::string CudnnLibrary::open() {
  void* library =
      dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);  // for the life of the process: graphs hold its kernels
  if (library == nullptr) {
    const char* why = dlerror();
    return why == nullptr ? "libcudnn.so.9 cannot be opened" : why;
  }
  const bool complete =
      resolve(library, "cudnnCreate", create) && resolve(library, "cudnnDestroy", destroy) &&
      resolve(library, "cudnnSetStream", set_stream) &&
      resolve(library, "cudnnBackendCreateDescriptor", create_descriptor) &&
      resolve(library, "cudnnBackendDestroyDescriptor", destroy_descriptor) &&
      resolve(library, "cudnnBackendFinalize", finalize) &&
      resolve(library, "cudnnBackendSetAttribute", set_attribute) &&
      resolve(library, "cudnnBackendGetAttribute", get_attribute) && resolve(library, "cudnnBackendExecute", execute) &&
      resolve(library, "cudnnGetErrorString", error_string) && resolve(library, "cudnnGetVersion", version);
  return complete ? "" : "libcudnn.so.9 lacks the backend interface";
}

const CudnnLibrary* CudnnLibrary::get(std::string& reason) {
  struct Opened {
    CudnnLibrary library;
    std::string problem;
    Opened() : problem(library.open()) {}
  };
  static const Opened opened;
  reason = opened.problem;
  return opened.problem.empty() ? &opened.library : nullptr;
}

void CudnnLibrary::check(int status, const char* what) const {
  if (status != 0) {
    throw NotSupported(std::string("cuDNN: ") + what + ": " + error_string(status));
  }
}

CudnnDescriptor::CudnnDescriptor(const CudnnLibrary& library, cudnn::Descriptor type) : library_(&library) {
  library.check(library.create_descriptor(type, &raw_), "a descriptor");
}

CudnnDescriptor::~CudnnDescriptor() {
  if (raw_ != nullptr) {
    static_cast<void>(library_->destroy_descriptor(raw_));
  }
}

CudnnDescriptor::CudnnDescriptor(CudnnDescriptor&& other) noexcept
    : library_(other.library_), raw_(std::exchange(other.raw_, nullptr)) {}

CudnnDescriptor& CudnnDescriptor::set(int attribute, cudnn::Type type, std::int64_t count, const void* values) {
  library_->check(library_->set_attribute(raw_, attribute, type, count, values),
                  ("attribute " + std::to_string(attribute)).c_str());
  return *this;
}

void CudnnDescriptor::finalize(const char* what) {
  library_->check(library_->finalize(raw_), what);
}

bool CudnnDescriptor::try_finalize() {
  return library_->finalize(raw_) == 0;
}

}  // namespace aifactory::probe
