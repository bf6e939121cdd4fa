#include <algorithm>
#include <cctype>
#include <numeric>

#include "tileloom/scheduler/defines/common_network.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;
using cost::defines2022::Layer;
using cost::defines2022::LayerOperand;
using cost::defines2022::Machine;
using cost::defines2022::Memory;
using cost::defines2022::MemoryOperand;
using cost::defines2022::Sizes;
using cost::defines2022::SpatialMapping;

constexpr std::array<Dim, cost::defines2022::kDims> kPreferred{
    Dim::K, Dim::C, Dim::G, Dim::OX, Dim::OY, Dim::B, Dim::FX, Dim::FY};

bool is_reduced(const Layer& layer, Dim dim) {
  return std::ranges::find(layer.output.dims, dim) == layer.output.dims.end();
}

bool may_run(const Layer& layer, const SpatialAxis& axis, Dim dim) {
  if (is_reduced(layer, dim) && !axis.reduce) return false;
  switch (axis.unroll) {
    case Unroll::any: return true;
    case Unroll::output_channels: return dim == Dim::K || dim == Dim::G;
    case Unroll::input_channels: return dim == Dim::C;
    case Unroll::positions: return dim == Dim::OX || dim == Dim::OY || dim == Dim::B;
  }
  return true;
}

bool is_its_name(const SpatialAxis& axis, Dim dim) {
  std::string upper;
  for (const char c : axis.name) upper += static_cast<char>(std::toupper(c));
  return upper == name(dim) || (upper == "K" && dim == Dim::G);
}

/// Elements of the operand in `extent` side by side.
std::int64_t elements(const Layer& layer, const LayerOperand& operand, const Sizes& extent) {
  std::int64_t product = 1;
  for (const Dim dim : operand.dims) product *= extent[dim];
  for (const auto& relation : layer.relations)
    if (std::ranges::find(operand.windows, relation.axis) != operand.windows.end())
      product *= cost::defines2022::distinct_inputs(relation, extent[relation.output],
                                                    extent[relation.kernel]);
  return product;
}

/// Whether every memory holds what the lanes below one instance of it need in one step.
bool fits(const Layer& layer, const Machine& machine, const SpatialMapping& unrolling) {
  std::vector<const LayerOperand*> operands{&layer.output};
  for (const LayerOperand& input : layer.inputs) operands.push_back(&input);
  for (const Memory& memory : machine.memories) {
    std::int64_t bits = 0;
    for (const LayerOperand* operand : operands) {
      const bool twin = layer.is_addition() && operand->memory == MemoryOperand::I2;
      const MemoryOperand held = twin ? MemoryOperand::I1 : operand->memory;
      if (!memory.level[held]) continue;
      Sizes extent;
      for (const auto& loop : unrolling)
        for (int level = 0; level <= *memory.level[held]; ++level)
          if (std::ranges::count(machine.memories[memory_at(machine, held, level)].served_dims,
                                 loop.pe_dim) > 0)
            extent[loop.loop] = loop.size;
      bits += elements(layer, *operand, extent) * operand->bits.value;
    }
    if (bits > memory.size.value) return false;
  }
  return true;
}

/// Tries every loop on every axis, each loop on one axis only.
class Choice {
 public:
  Choice(const Layer& layer, const Machine& machine, const Lanes& lanes)
      : layer_(layer), machine_(machine), lanes_(lanes) {
    steps_.resize(cost::defines2022::kDims);
    for (const Dim dim : kPreferred) steps_[at(dim)] = layer.sizes[dim];
  }
  SpatialMapping best() {
    visit(0, 0);
    std::ranges::sort(best_, {}, &cost::defines2022::Unrolling::pe_dim);
    return best_;
  }

 private:
  static std::size_t at(Dim dim) { return static_cast<std::size_t>(dim); }

  void visit(std::size_t axis, int named) {
    if (axis == lanes_.size()) return consider(named);
    const SpatialAxis& lanes = lanes_[static_cast<AxisId>(axis)];
    for (const Dim dim : kPreferred) {
      const std::int64_t whole = layer_.sizes[dim];
      if (whole == 1 || steps_[at(dim)] != whole || !may_run(layer_, lanes, dim)) continue;
      const std::int64_t side_by_side = std::min(lanes.size, whole);
      if (side_by_side == 1) continue;
      steps_[at(dim)] = ceil_div(whole, side_by_side);
      now_.push_back({lanes.name, dim, side_by_side});
      visit(axis + 1, named + int{is_its_name(lanes, dim)});
      now_.pop_back();
      steps_[at(dim)] = whole;
    }
    visit(axis + 1, named);
  }

  void consider(int named) {
    double steps = 1;
    for (const std::int64_t one : steps_) steps *= static_cast<double>(one);
    if (least_ > 0 && (steps > least_ || (steps == least_ && named <= named_))) return;
    if (!now_.empty() && !fits(layer_, machine_, now_)) return;
    least_ = steps;
    named_ = named;
    best_ = now_;
  }

  const Layer& layer_;
  const Machine& machine_;
  const Lanes& lanes_;
  std::vector<std::int64_t> steps_;
  SpatialMapping now_, best_;
  double least_ = 0;
  int named_ = 0;
};

}  // namespace

SpatialMapping unrolling_of(const Layer& layer, const Machine& machine, const Lanes& lanes) {
  return Choice(layer, machine, lanes).best();
}

}  // namespace tileloom::scheduler::defines
