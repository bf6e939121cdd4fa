#include "tileloom/target/vta/tuning/estimate.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

bool depends(const PackedOperand& operand, std::size_t loop) {
  for (const PackedAxis& axis : operand.axes) {
    for (const PackedTerm& term : axis.terms) {
      if (term.loop == loop) return true;
    }
  }
  return false;
}

/// The blocks of the first tile of every loop.
Box first_box(const PackedOperand& operand, const Nest& nest, const Tiling& tiling) {
  Tile tile{std::vector<std::int64_t>(nest.loops(), 0), {}};
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    tile.size.push_back(first_size(nest, tiling, l));
  }
  return box_of(operand, tile);
}

/// Share of a whole tile that the average tile has: the last one along each loop may be smaller.
double average_share(const PackedOperand& operand, const Nest& nest, const Tiling& tiling) {
  double share = 1;
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    if (!depends(operand, l)) continue;
    share *= static_cast<double>(nest.trips[l]) /
             static_cast<double>(tiles(nest, tiling, l) * tiling.tile[l]);
  }
  return share;
}

}  // namespace

std::int64_t lower_bound(const Config& config, const Nest& nest, std::int64_t alu_operations,
                         const TimingOptions& options) {
  const auto bytes = [&](Part part) {
    return stored_blocks(nest.operand(part)) * element_bytes(config, dram_memory(part));
  };
  const std::int64_t results = blocks(nest.operand(Part::result));
  const std::int64_t compute = useful_steps(nest) + results * (1 + alu_operations);
  const std::int64_t reads =
      (bytes(Part::data) + bytes(Part::weights)) / options.port_bytes;
  const std::int64_t writes =
      results * (1 + element_bytes(config, Memory::output) / options.port_bytes);
  return std::max({compute, reads, writes});
}

double loaded_tiles(const PackedOperand& operand, const Nest& nest, const Tiling& tiling) {
  const std::int64_t slots =
      tiling.reload ? 1 : tiling.slots[static_cast<std::size_t>(operand.part)];
  std::int64_t resident = 1;
  std::size_t i = tiling.order.size();
  // Inner loops whose tiles all stay.
  for (; i > 0 && !tiling.reload; --i) {
    const std::size_t loop = tiling.order[i - 1];
    if (!depends(operand, loop)) continue;
    const std::int64_t more = resident * tiles(nest, tiling, loop);
    if (more > slots) break;
    resident = more;
  }
  auto count = static_cast<double>(resident);
  double again = tiling.reload ? count : 0;  // loaded when all of it is walked once more
  for (; i > 0; --i) {
    const std::size_t loop = tiling.order[i - 1];
    const auto trips = static_cast<double>(tiles(nest, tiling, loop));
    const bool other_tiles = depends(operand, loop);
    const double round = count;
    count += (trips - 1) * (other_tiles ? round : again);
    if (!tiling.back_and_forth || tiling.reload) {
      again = count;
    } else if (!other_tiles) {
      again *= trips;
    } else if (again == 0) {  // what fits no more: the last tiles stay
      again = count - std::min(count, static_cast<double>(slots));
    } else {
      again += (trips - 1) * round;
    }
  }
  return count;
}

Estimator::Moves Estimator::reads(Part part, const Tiling& tiling) const {
  const PackedOperand& operand = nest_.operand(part);
  const MoveShape shape =
      move_shape(stored_for(operand, nest_, tiling), box_size(operand, nest_, tiling));
  const std::int64_t row = shape.row_blocks * element_bytes(config_, dram_memory(part));
  const std::int64_t port =
      shape.rows * (ceil_div(row, options_.port_bytes) +
                    options_.burst_gap * ceil_div(row, options_.burst_bytes));
  const double share = average_share(operand, nest_, tiling);
  const double average = static_cast<double>(shape.moves) *
                         (static_cast<double>(options_.read_latency) +
                          share * static_cast<double>(port));
  Moves moves;
  moves.once = shape.moves * (options_.read_latency + port);
  if (!tiling.first.empty()) {  // what the first GEMM waits for
    moves.once = moves.once * blocks(first_box(operand, nest_, tiling)) / tile_blocks(operand, tiling);
  }
  moves.count = loaded_tiles(operand, nest_, tiling);
  moves.total = average * moves.count;
  moves.instructions = moves.count * static_cast<double>(shape.moves);
  return moves;
}

Estimator::Moves Estimator::writes(const Tiling& tiling) const {
  const PackedOperand& operand = nest_.operand(Part::result);
  const MoveShape shape =
      move_shape(stored_for(operand, nest_, tiling), box_size(operand, nest_, tiling));
  const std::int64_t entry = element_bytes(config_, Memory::output);
  const std::int64_t bursts = ceil_div(shape.row_blocks * entry, options_.burst_bytes);
  Moves moves;
  moves.count = 1;
  for (std::size_t l = 0; l < nest_.loops(); ++l) {
    if (!nest_.reduction[l]) moves.count *= static_cast<double>(tiles(nest_, tiling, l));
  }
  const std::int64_t fixed = shape.moves * shape.rows * options_.write_burst * bursts;
  const std::int64_t data = shape.moves * shape.rows * shape.row_blocks *
                            (1 + ceil_div(entry, options_.port_bytes));
  moves.once = fixed + data;
  moves.instructions = moves.count * static_cast<double>(shape.moves);
  moves.total = moves.count * (static_cast<double>(fixed) +
                               average_share(operand, nest_, tiling) * static_cast<double>(data));
  return moves;
}

/// GEMM instructions: one per tile, more where padding is cut off.
double Estimator::gemms(const Tiling& tiling) const {
  double count = 1;
  for (std::size_t l = 0; l < nest_.loops(); ++l) {
    count *= static_cast<double>(tiles(nest_, tiling, l));
  }
  if (!tiling.skip_padding) return count;
  for (const PaddedAxis& axis : padded_axes_) {
    if (axis.window.step == 0 || tiling.tile[axis.window.loop] == 1) continue;
    const std::int64_t along =
        tiles(nest_, tiling, axis.pixel.loop) * tiles(nest_, tiling, axis.window.loop);
    const auto more = static_cast<double>(further_pieces(nest_, axis));
    count *= 1 + more / static_cast<double>(along);
  }
  return count;
}

/// Cycles of the read port for instructions; the first burst is there when time begins.
double Estimator::fetch(double instructions) const {
  const double beyond = instructions - static_cast<double>(options_.fetch_instructions);
  return std::max(0.0, beyond) * static_cast<double>(ceil_div(16, options_.port_bytes));
}

/// Cycles of the compute unit: GEMMs, and resets and ALU operations of every result.
double Estimator::compute(const Tiling& tiling, double gemm_instructions, double stores) const {
  const std::int64_t gemm_steps = tiling.skip_padding ? useful_steps_ : steps(nest_);
  const auto pipeline = static_cast<double>(options_.pipeline);
  const auto operations = static_cast<double>(1 + alu_operations_);
  const auto results = static_cast<double>(blocks(nest_.operand(Part::result)));
  return static_cast<double>(gemm_steps) + pipeline * gemm_instructions +
         operations * (results + pipeline * stores);
}

bool Estimator::reads_bound(const Tiling& tiling) const {
  return reads(Part::data, tiling).total + reads(Part::weights, tiling).total >
         compute(tiling, gemms(tiling), writes(tiling).count);
}

std::int64_t Estimator::cycles(const Tiling& tiling) const {
  const Moves data = reads(Part::data, tiling);
  const Moves weights = reads(Part::weights, tiling);
  const Moves stores = writes(tiling);
  const double gemm_instructions = gemms(tiling);
  const double busy = compute(tiling, gemm_instructions, stores.count);
  // What cannot overlap with computing.
  double alone = 0;
  const auto single = [&](Part part) { return tiling.slots[static_cast<std::size_t>(part)] == 1; };
  if (data.count > 1 && single(Part::data)) alone += data.total;
  if (weights.count > 1 && single(Part::weights)) alone += weights.total;
  if (stores.count > 1 && single(Part::result)) alone += stores.total;
  const double fetched = fetch(data.instructions + weights.instructions + stores.instructions +
                               gemm_instructions +
                               static_cast<double>(1 + alu_operations_) * stores.count);
  const double longest =
      std::max({busy + alone, data.total + weights.total + fetched, stores.total});
  // Instructions go first: between two bursts of them the port is free while one is handed out.
  // In pieces about half of the first loads are hidden, and all but one of the last stores.
  const auto pieces = static_cast<double>(tiling.pieces);
  const double begin =
      static_cast<double>(data.once + weights.once) * (pieces + 1) / (2 * pieces);
  const double share = static_cast<double>(ceil_div(16, options_.port_bytes));
  const double delay = std::min(fetched, begin * share);
  const double end = static_cast<double>(stores.once) / pieces;
  return static_cast<std::int64_t>(longest + begin + delay + end);
}

}  // namespace tileloom::target::vta
