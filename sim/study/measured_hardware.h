// The hardware that measured rows name, with what a scenario would load for it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "models/catalog/catalog.h"
#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"

namespace aifactory {

struct MeasuredHardware {
  System system;
  std::shared_ptr<const KernelModel> kernels;  // at sustained clocks
  std::shared_ptr<const CollectiveLaw> network;
};

// The id of the accelerator that a text names: an id or alias as written, else up to a description ("H100-SXM5-80GB
// (700 W, RoCE)", "GB200 NVL72, 4 racks"); "" when the catalogue has none.
std::string accelerator_named(const Catalog& catalog, const std::string& text);

class MeasuredHardwareBook {
 public:
  explicit MeasuredHardwareBook(const Catalog& catalog) : catalog_(catalog) {}

  // The first system, by id, that holds the accelerator named. Null when there is none. Loaded once.
  const MeasuredHardware* find(const std::string& accelerator);

 private:
  const Catalog& catalog_;
  std::map<std::string, std::unique_ptr<MeasuredHardware>> found_;
};

}  // namespace aifactory
