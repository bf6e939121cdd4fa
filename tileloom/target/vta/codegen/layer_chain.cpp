#include "tileloom/target/vta/codegen/layer_chain.hpp"

#include <algorithm>

namespace tileloom::target::vta {
namespace {

bool meet(const PendingStore& pending, const ChainedStep& step, std::int64_t bytes) {
  return std::any_of(step.loads.begin(), step.loads.end(), [&](const Load& load) {
    return std::any_of(pending.stores.begin(), pending.stores.end(),
                       [&](const Store& store) { return meet(load, bytes, store, bytes); });
  });
}

bool same_entries(const PendingStore& pending, const ChainedStep& step) {
  return pending.first_entry < step.first_entry + step.entries &&
         step.first_entry < pending.first_entry + pending.entries;
}

/// The latest step before which `pending` may be waited for.
std::size_t latest(const PendingStore& pending, const std::vector<ChainedStep>& chained,
                   const std::vector<TileStep>& steps, std::int64_t bytes) {
  std::size_t s = 0;
  for (; s + 1 < steps.size(); ++s) {
    const bool own = steps[s].reset_waits;  // takes a token of a later store
    if (own || (steps[s].first && same_entries(pending, chained[s]))) return s;
    // One step ahead, so that the load runs beside its GEMM.
    if (meet(pending, chained[s], bytes) || meet(pending, chained[s + 1], bytes)) return s;
  }
  return s;
}

}  // namespace

bool meet(const Load& load, std::int64_t load_bytes, const Store& store,
          std::int64_t store_bytes) {
  for (std::int64_t a = 0; a < load.y_size; ++a) {
    const std::int64_t read = (load.dram_base + a * load.x_stride) * load_bytes;
    for (std::int64_t b = 0; b < store.y_size; ++b) {
      const std::int64_t written = (store.dram_base + b * store.x_stride) * store_bytes;
      if (read < written + store.x_size * store_bytes &&
          written < read + load.x_size * load_bytes) {
        return true;
      }
    }
  }
  return false;
}

std::size_t wait_for_pending(const std::vector<PendingStore>& pending,
                      const std::vector<ChainedStep>& chained, std::int64_t tensor_bytes,
                      std::vector<TileStep>& steps) {
  std::size_t before = steps.size() - 1;  // no later than the next store's wait
  std::size_t last = before;
  for (std::size_t p = pending.size(); p-- > 0;) {
    const std::size_t at = std::min(before, latest(pending[p], chained, steps, tensor_bytes));
    ++steps[at].pops;
    for (std::size_t s = at; s < steps.size(); ++s) {
      if (!meet(pending[p], chained[s], tensor_bytes)) continue;
      steps[s].loads_after = std::max(steps[s].loads_after, before_step(at));
    }
    if (p + 1 == pending.size()) last = at;
    before = at;
  }
  order_loads(steps);
  return last;
}

}  // namespace tileloom::target::vta
