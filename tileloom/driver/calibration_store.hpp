#pragma once
// Calibrations on disk: one file per machine, by content.

#include <optional>
#include <string>

#include "tileloom/scheduler/dlfusion/calibration.hpp"

namespace tileloom::driver {

/// All that a calibration depends on: tool version, machine, element width.
std::string calibration_key(const Architecture& arch, std::int64_t element_bits);

/// An entry that cannot be read or belongs to another key is as good as none.
std::optional<scheduler::Calibration> find_calibration(const std::string& folder,
                                                       const std::string& key);
void keep_calibration(const std::string& folder, const std::string& key,
                      const scheduler::Calibration& calibration);

}  // namespace tileloom::driver
