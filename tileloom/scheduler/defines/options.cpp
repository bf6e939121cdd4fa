#include "tileloom/scheduler/defines/options.hpp"

namespace tileloom::scheduler::defines {

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::fully_recompute: return "fully_recompute";
    case Mode::h_cached_v_recompute: return "H_cached_V_recompute";
    case Mode::fully_cached: return "fully_cached";
  }
  return {};
}

std::string_view short_name(Mode mode) {
  switch (mode) {
    case Mode::fully_recompute: return "recompute";
    case Mode::h_cached_v_recompute: return "h-cached";
    case Mode::fully_cached: return "cached";
  }
  return {};
}

std::vector<RepairName> repair_names() {
  return {
      {"optional-ids", &Repairs::optional_ids, "a cut after layer 0 is a cut"},
      {"whole-weight-level", &Repairs::whole_weight_level,
       "stacks are cut by all instances of the weight level"},
      {"highest-cache-level", &Repairs::highest_cache_level,
       "neighbouring tiles agree on the higher of their cache levels"},
      {"counted-caches", &Repairs::counted_caches,
       "first columns count their caches, at the mode's tile sizes"},
      {"reserved-capacity", &Repairs::reserved_capacity,
       "the mapper sees what caches, weights and branches leave"},
      {"charged-input-caches", &Repairs::charged_input_caches,
       "caches of the stack input are written before they are read"},
      {"sound-mapper", &Repairs::sound_mapper,
       "the mapper passes over no memory that has no room, and of equal energies takes the lower "
       "latency"},
  };
}

Repairs as_published() {
  Repairs repairs;
  for (const RepairName& repair : repair_names()) repairs.*repair.flag = false;
  return repairs;
}

}  // namespace tileloom::scheduler::defines
