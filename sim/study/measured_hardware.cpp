#include "sim/study/measured_hardware.h"

#include <utility>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/catalog/collective_table.h"
#include "models/catalog/system_table.h"

namespace aifactory {

std::string accelerator_named(const Catalog& catalog, const std::string& text) {
  for (const std::string& name : {text, text.substr(0, text.find(" (")), text.substr(0, text.find_first_of(" ,("))}) {
    if (catalog.contains("accelerators", name)) {
      return load_entry(catalog, "accelerators", name, accelerator_table()).id;
    }
  }
  return {};
}

const MeasuredHardware* MeasuredHardwareBook::find(const std::string& accelerator) {
  const auto known = found_.find(accelerator);
  if (known != found_.end()) {
    return known->second.get();
  }
  std::unique_ptr<MeasuredHardware>& slot = found_[accelerator];
  const std::string id = accelerator_named(catalog_, accelerator);
  for (const std::string& candidate : id.empty() ? std::vector<std::string>{} : catalog_.ids("systems")) {
    System system = load_system(catalog_, candidate);
    if (system.accelerator.id == id) {
      slot = std::make_unique<MeasuredHardware>();
      slot->kernels =
          std::make_shared<const KernelModel>(system.accelerator, load_calibration(catalog_, system.accelerator));
      slot->network = std::make_shared<const CollectiveLaw>(load_collective_law(catalog_, system.accelerator));
      slot->system = std::move(system);
      break;
    }
  }
  return slot.get();
}

}  // namespace aifactory
