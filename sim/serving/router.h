// Which replica a request goes to. One small class per policy, listed in make_router.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sim/serving/deployment.h"
#include "sim/serving/replica.h"

namespace aifactory {

class Router {
 public:
  virtual ~Router() = default;
  // Index into `replicas`, which is not empty.
  virtual std::size_t choose(const std::vector<std::unique_ptr<Replica>>& replicas) = 0;
};

std::unique_ptr<Router> make_router(RouterKind kind);

}  // namespace aifactory
