#include "tileloom/reference/execute_embedding.hpp"

#include "tileloom/embedding/gather.hpp"

namespace tileloom::reference {
namespace {

using Indices = std::vector<std::int64_t>;

/// Counts `digits` up to the next combination below `extents`; false after the last.
bool next(Indices& digits, const Indices& extents) {
  for (std::size_t d = digits.size(); d-- > 0;) {
    if (++digits[d] < extents[d]) return true;
    digits[d] = 0;
  }
  return false;
}

/// Row-major position of a lane in a block of the operand.
std::size_t position(const Instruction& instruction, const InstructionOperand& operand,
                     const Indices& lane) {
  std::int64_t flat = 0;
  for (const LaneDimId dim : operand.dims) {
    flat = flat * instruction.dim(dim).extent + lane[index(dim)];
  }
  return static_cast<std::size_t>(flat);
}

std::size_t first_element(const PackedOperand& packed, const Indices& trip) {
  const Indices strides = loop_strides(packed, trip.size());
  std::int64_t block = 0;
  for (std::size_t l = 0; l < trip.size(); ++l) block += strides[l] * trip[l];
  return static_cast<std::size_t>(block * block_elements(packed));
}

/// `before`, with the elements that some point of the operator writes taken from `after`.
std::vector<double> written_elements(const Operator& op, std::vector<double> before,
                                     const std::vector<double>& after) {
  Indices extents;
  for (const Rank& rank : op.ranks) extents.push_back(rank.extent);
  Indices point(extents.size(), 0);
  do {
    if (const auto element = element_at(op.output, point)) {
      before[static_cast<std::size_t>(*element)] = after[static_cast<std::size_t>(*element)];
    }
  } while (next(point, extents));
  return before;
}

}  // namespace

std::vector<double> execute_embedding(const Operator& op, const Instruction& instruction,
                                      const Embedding& embedding, const TensorValues& tensors) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  std::vector<Gather> gathers;
  for (PackedOperand& packed : packed_operands(op, instruction, embedding, loops)) {
    gathers.emplace_back(op, embedding, loops, std::move(packed));
  }
  const Operand& data_tensor = data_operand(op, embedding);
  const Operand& weights_tensor = weights_operand(op, embedding);
  const auto data =
      pack<double>(gathers[0], std::span<const double>(tensors.at(data_tensor.tensor)));
  const auto weights =
      pack<double>(gathers[1], std::span<const double>(tensors.at(weights_tensor.tensor)));
  std::vector<double> result(
      static_cast<std::size_t>(blocks(gathers[2].packed()) * block_elements(gathers[2].packed())));

  Indices trips;
  Indices extents;
  for (const OuterLoop& loop : loops) trips.push_back(loop.trips);
  for (const LaneDim& dim : instruction.dims) extents.push_back(dim.extent);
  Indices trip(trips.size(), 0);
  do {
    const std::size_t from = first_element(gathers[0].packed(), trip);
    const std::size_t with = first_element(gathers[1].packed(), trip);
    const std::size_t to = first_element(gathers[2].packed(), trip);
    Indices lane(extents.size(), 0);
    do {
      result[to + position(instruction, instruction.result, lane)] +=
          data[from + position(instruction, instruction.data, lane)] *
          weights[with + position(instruction, instruction.weights, lane)];
    } while (next(lane, extents));
  } while (next(trip, trips));

  std::vector<double> sums(tensors.at(op.output.tensor).size(), 0.0);
  unpack(gathers[2], std::span<const double>(result), std::span<double>(sums));
  return written_elements(op, tensors.at(op.output.tensor), sums);
}

}  // namespace tileloom::reference
