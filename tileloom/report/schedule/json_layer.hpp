#pragma once
// Parts of the JSON report.

#include <nlohmann/json.hpp>

#include "tileloom/report/schedule/summary.hpp"

namespace tileloom::report {

using Json = nlohmann::ordered_json;

/// The value, or null.
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json energy_json(const Architecture& arch, const EnergyBreakdown& energy);
Json machine_json(const Architecture& arch);
Json layer_json(const Workload& workload, const Architecture& arch, const LayerSummary& summary);

}  // namespace tileloom::report
