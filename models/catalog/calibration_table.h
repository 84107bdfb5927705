// kernel_calibration/1, configs/calibration: fitted parameters of the kernels of one accelerator, written by
// `aifactory calibrate`, and their way to accelerators that nobody has measured.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/hardware/accelerator.h"
#include "models/kernels/calibration.h"

namespace aifactory {

const FieldTable<KernelCalibration>& calibration_table();

// The calibration of an accelerator measured itself (entry of its id), else one transferred from the nearest calibrated
// accelerator of the same vendor: same family first, then the closest in dense bf16 rate and memory bandwidth; null
// when its vendor has none, and a KernelModel then takes the family law. `without` names calibrations not to be used
// (to judge a transfer). The log records the entry, not its hundreds of numbers. Throws ConfigError for a broken file.
std::shared_ptr<const KernelCalibration> load_calibration(const Catalog& catalog, const Accelerator& accelerator,
                                                          ReadLog* log = nullptr,
                                                          const std::vector<std::string>& without = {});

// The file of a calibration: numbers to four digits, nodes of residuals as text (encode_nodes).
nlohmann::json calibration_json(const KernelCalibration& calibration);

// Nodes of a residual grid as one character each: 91 levels, value = (level - 45) * scale, level = position among the
// printable characters from '#' to '~' without the backslash. The scale is chosen so that the largest just fits, which
// rounds a node by at most 1/90 of the largest.
std::string encode_nodes(const std::vector<float>& nodes, double& scale);
// Throws std::invalid_argument for a character outside the alphabet.
std::vector<float> decode_nodes(const std::string& text, double scale);

}  // namespace aifactory
