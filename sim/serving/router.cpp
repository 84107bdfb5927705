#include "sim/serving/router.h"

#include <stdexcept>

namespace aifactory {
namespace {

class RoundRobin final : public Router {
 public:
  std::size_t choose(const std::vector<std::unique_ptr<Replica>>& replicas) override {
    return next_++ % replicas.size();
  }

 private:
  std::size_t next_ = 0;
};

class LeastLoaded final : public Router {
 public:
  std::size_t choose(const std::vector<std::unique_ptr<Replica>>& replicas) override {
    std::size_t best = 0;
    for (std::size_t i = 1; i < replicas.size(); ++i) {
      if (replicas[i]->in_flight() < replicas[best]->in_flight()) {
        best = i;
      }
    }
    return best;
  }
};

}  // namespace

std::unique_ptr<Router> make_router(RouterKind kind) {
  switch (kind) {
    case RouterKind::kRoundRobin:
      return std::make_unique<RoundRobin>();
    case RouterKind::kLeastLoaded:
      return std::make_unique<LeastLoaded>();
  }
  throw std::invalid_argument("unknown router");
}

}  // namespace aifactory
