// The whole plan against a made-up device of 80 and of 141 GB: every launch stays within its memory, captures contain
// nothing that captures forbid, and the timing protocol ends with samples.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/tools/probe_dry_run/fake_device.h"
#include "tools/probe/device_setup.h"
#include "tools/probe/graph.h"
#include "tools/probe/power_sampler.h"
#include "tools/probe/runner.h"
#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

constexpr std::size_t kGigabyte = 1000000000;

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string_view suite : suite_names()) {
    const std::vector<Case> more = cases_of(suite, false);
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

std::string faults() {
  std::string text;
  for (const std::string& fault : fake::Device::get().faults) {
    text += fault + "\n";
  }
  return text;
}

class DryRun : public testing::TestWithParam<std::size_t> {};

TEST_P(DryRun, EveryCaseStaysWithinItsMemoryAndCanBeCaptured) {
  fake::Device& device = fake::Device::get();
  device.reset(GetParam() * kGigabyte);
  {
    DeviceSession session(0);
    const std::size_t before = device.used;
    std::size_t too_large = 0;
    const std::vector<Case> cases = all_cases();
    const Stream stream;
    for (const Case& c : cases) {
      const bool disturbed = c.op == "interference";
      session.device().pools.reset();
      session.device().rotate = c.l2 != "warm";
      try {
        const std::unique_ptr<Kernel> kernel = make_kernel(session.device(), disturbed ? c.parts.at(0) : c);
        EXPECT_TRUE(kernel->check(stream.get()).error == 0.0) << key_of(c);
        const auto all_sets = [&](cudaStream_t s) {
          for (int copy = 0; copy < kernel->copies(); ++copy) {
            kernel->launch(copy, s);
          }
        };
        all_sets(stream.get());
        if (c.launch == "graph") {
          const Graph graph(all_sets);
          graph.launch(stream.get());
        }
      } catch (const DoesNotFit&) {
        ++too_large;
      } catch (const NotSupported& reason) {
        EXPECT_EQ(std::string(reason.what()), "there is no second device") << key_of(c);
      }
      ASSERT_TRUE(device.faults.empty()) << key_of(c) << "\n" << faults();
      ASSERT_EQ(device.used, before) << key_of(c) << " keeps memory";
    }
    EXPECT_GT(device.launches, 10000);
    EXPECT_LT(too_large, cases.size() / 50);
  }
  EXPECT_EQ(device.used, 0u);
}

TEST_P(DryRun, TheProtocolEndsWithSamples) {
  fake::Device& device = fake::Device::get();
  device.reset(GetParam() * kGigabyte);
  DeviceSession session(0);
  const PowerSampler sampler(nullptr);
  Runner runner(session.device(), sampler);
  EXPECT_GT(runner.empty_graph_us(), 0.0);
  std::set<std::string> seen;
  for (const Case& c : all_cases()) {
    if (!seen.insert(c.op + c.impl + c.dtype + c.mode + c.l2 + c.launch + (c.op == "memcpy" ? c.detail : "")).second) {
      continue;
    }
    try {
      const Record record = runner.run({c, 0});
      EXPECT_GE(record.us.n, 3u) << key_of(c);
      EXPECT_GT(record.us.median, 0.0) << key_of(c);
      EXPECT_GE(record.us.p90, record.us.p10) << key_of(c);
      EXPECT_TRUE(record.covered) << key_of(c);
    } catch (const NotSupported&) {
    }
    ASSERT_TRUE(device.faults.empty()) << key_of(c) << "\n" << faults();
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, DryRun, testing::Values(std::size_t{80}, std::size_t{141}));

// The books are kept: what must not happen is noticed.
TEST(FakeDevice, NoticesBreaches) {
  fake::Device& device = fake::Device::get();
  device.reset(kGigabyte);
  {
    const DeviceBuffer buffer(1024);
    device.launch(nullptr, "long", {{buffer.get(), 1025, 16}});
    device.launch(nullptr, "odd", {{buffer.as<char>() + 8, 8, 16}});
    EXPECT_EQ(device.faults.size(), 2u) << faults();
    const Graph graph([](cudaStream_t stream) {
      const DeviceBuffer inside(16);
      static_cast<void>(cudaStreamSynchronize(stream));
    });
    EXPECT_EQ(device.faults.size(), 5u) << faults();  // allocated, waited, released
  }
  EXPECT_THROW(DeviceBuffer(2 * kGigabyte), CudaError);
}

}  // namespace
}  // namespace aifactory::probe
