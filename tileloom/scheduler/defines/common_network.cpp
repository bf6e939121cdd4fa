#include "tileloom/scheduler/defines/common_network.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tileloom/scheduler/defines/common_layer.hpp"

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;
using cost::defines2022::Layer;
using cost::defines2022::LayerIndex;
using cost::defines2022::LayerOperand;
using cost::defines2022::Machine;

/// Operators in a row that make one network so far.
class Growing {
 public:
  Growing(const Workload& workload, const Machine& machine, const Lanes& lanes)
      : workload_(workload), machine_(machine), lanes_(lanes) {}

  bool empty() const { return layers_.empty(); }
  std::size_t size() const { return layers_.size(); }

  /// The map the operator would read from inside.
  std::optional<MapAxes> wanted(OperatorId op) const {
    for (const Operand& input : workload_.operators[op].inputs)
      if (const auto made = writes_.find(input.tensor); made != writes_.end())
        return made->second.map;
    return std::nullopt;
  }

  /// Whether every map from inside is read on the axes it was written on, whole and by no fewer
  /// channels than it has.
  bool accepts(const CommonLayer& layer, OperatorId op) const {
    for (const Operand& input : workload_.operators[op].inputs) {
      const auto made = writes_.find(input.tensor);
      if (made == writes_.end()) continue;
      if (!(layer.reads == made->second.map)) return false;
    }
    return true;
  }

  void add(CommonLayer layer, OperatorId op) {
    writes_[workload_.operators[op].output.tensor] = {layer.writes, layers_.size()};
    layers_.push_back(std::move(layer));
    operators_.push_back(op);
  }

  /// How many of the operators, from the first on, make a network with one output.
  std::size_t longest() const {
    for (std::size_t n = layers_.size(); n > 1; --n)
      if (is_closed(n)) return n;
    return layers_.empty() ? 0 : 1;
  }

  /// The first n as a network.
  Segment segment(std::size_t n) const {
    Segment made;
    made.network.padded = true;
    made.network.name = workload_.name;
    std::map<TensorId, LayerIndex> place;
    for (std::size_t i = 0; i < n; ++i)
      for (const TensorId tensor : layers_[i].activations)
        if (!writes_.contains(tensor) && !place.contains(tensor))
          place[tensor] = add_input(made, layers_[i], tensor, static_cast<std::int64_t>(place.size()));
    for (std::size_t i = 0; i < n; ++i) {
      Layer layer = layers_[i].layer;
      layer.id = static_cast<std::int64_t>(index(operators_[i]));
      auto read = layers_[i].activations.begin();
      for (LayerOperand& input : layer.inputs)
        if (!input.constant) input.producers = {place.at(*read++)};
      place[workload_.operators[operators_[i]].output.tensor] =
          made.network.layers.push_back(std::move(layer));
      made.op.push_back(operators_[i]);
      made.ranks.push_back(layers_[i].ranks);
      made.operators.push_back(operators_[i]);
    }
    PerId<LayerIndex, cost::defines2022::SpatialMapping> unrolled(made.network.layers.size());
    for (const LayerIndex layer : ids<LayerIndex>(unrolled.size()))
      if (made.op[layer]) unrolled[layer] = unrolling_of(made.network.layers[layer], machine_, lanes_);
    made.network.spatial_mappings[machine_.name] = std::move(unrolled);
    return made;
  }

 private:
  struct Map {
    MapAxes map;
    std::size_t made_by = 0;
  };

  /// Nothing but the last output is used outside the first n, and everything else inside.
  bool is_closed(std::size_t n) const {
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const TensorId made = workload_.operators[operators_[i]].output.tensor;
      if (workload_.tensors[made].kind == TensorKind::output) return false;
      const std::vector<OperatorId> readers = consumers(workload_, made);
      if (readers.empty()) return false;
      for (const OperatorId reader : readers) {
        const auto at = std::ranges::find(operators_, reader);
        if (at - operators_.begin() >= static_cast<std::ptrdiff_t>(n)) return false;
      }
    }
    return true;
  }

  static LayerIndex add_input(Segment& made, const CommonLayer& reader, TensorId tensor,
                              std::int64_t number) {
    Layer input;
    input.id = -1 - number;
    input.is_input = true;
    const auto which = std::ranges::find(reader.activations, tensor) - reader.activations.begin();
    std::vector<const LayerOperand*> read;
    for (const LayerOperand& operand : reader.layer.inputs)
      if (!operand.constant) read.push_back(&operand);
    const LayerOperand& operand = *read[static_cast<std::size_t>(which)];
    for (const Dim dim : operand.dims)
      if (dim != Dim::OX && dim != Dim::OY) input.sizes[Dim::K] *= reader.layer.sizes[dim];
    input.sizes[Dim::OX] = reader.reads.x ? reader.reads.x->extent : 1;
    input.sizes[Dim::OY] = reader.reads.y ? reader.reads.y->extent : 1;
    input.loops = {Dim::K, Dim::OY, Dim::OX};
    input.output = {.name = "O", .memory = cost::defines2022::MemoryOperand::O,
                    .dims = input.loops, .bits = operand.bits};
    input.final_output_bits = operand.bits;
    made.op.push_back(std::nullopt);
    made.ranks.push_back({});
    return made.network.layers.push_back(std::move(input));
  }

  const Workload& workload_;
  const Machine& machine_;
  const Lanes& lanes_;
  std::vector<CommonLayer> layers_;
  std::vector<OperatorId> operators_;
  std::map<TensorId, Map> writes_;
};

}  // namespace

CommonNetwork networks_of(const Workload& workload, const Machine& machine,
                          const Lanes& lanes) {
  CommonNetwork found;
  const std::size_t count = workload.operators.size();
  for (std::size_t first = 0; first < count;) {
    Growing growing(workload, machine, lanes);
    std::string why;
    for (std::size_t i = first; i < count; ++i) {
      const auto op = static_cast<OperatorId>(i);
      auto layer = layer_of(workload, op, growing.wanted(op));
      if (!layer && growing.empty()) why = layer.error();
      if (!layer || !growing.accepts(*layer, op)) break;
      growing.add(*std::move(layer), op);
    }
    if (growing.empty()) {
      found.unfit.push_back({static_cast<OperatorId>(first), why});
      ++first;
      continue;
    }
    const std::size_t taken = growing.longest();
    found.segments.push_back(growing.segment(taken));
    first += taken;
  }
  return found;
}

}  // namespace tileloom::scheduler::defines
