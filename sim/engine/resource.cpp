#include "sim/engine/resource.h"

namespace aifactory::engine {

Lease::Lease(Resource& resource, std::uint64_t units, int rank) : resource_(&resource), units_(units), rank_(rank) {
  resource.queue_.insert(*this);  // behind those of equal rank
  resource.serve();
}

void Lease::release() {
  if (QueueHook::is_linked()) {
    resource_->queue_.erase(resource_->queue_.iterator_to(*this));
  } else if (HolderHook::is_linked()) {
    resource_->holders_.erase(resource_->holders_.iterator_to(*this));
    resource_->in_use_ -= units_;
    granted_.reset();
  } else {
    return;
  }
  resource_->serve();
}

void Resource::set_capacity(std::uint64_t capacity) {
  capacity_ = capacity;
  serve();
}

void Resource::serve() {
  while (!queue_.empty()) {
    Lease& first = *queue_.begin();
    if (in_use_ > capacity_ || first.units_ > capacity_ - in_use_) {
      return;
    }
    queue_.erase(queue_.begin());
    holders_.push_back(first);
    in_use_ += first.units_;
    first.granted_.trigger();
  }
}

}  // namespace aifactory::engine
