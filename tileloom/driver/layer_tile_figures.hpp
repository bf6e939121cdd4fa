#pragma once
#include <nlohmann/json.hpp>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::driver {

/// A mapped layer-tile in the shape of the reference file: loop_dims, mem_levels, temporal, spatial,
/// energy_by_op_level, word_access, double_buffer and the latencies.
nlohmann::json layer_tile_figures(const scheduler::defines::Exploration& exploration,
                                  const scheduler::defines::LayerTile& tile,
                                  const scheduler::defines::MappedLayer& mapped);

}  // namespace tileloom::driver
