#include "tileloom/target/vta/network/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/little_endian.hpp"
#include "tileloom/target/vta/network/network_memory.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::size_t kData = static_cast<std::size_t>(Part::data);
constexpr std::size_t kWeights = static_cast<std::size_t>(Part::weights);
constexpr std::size_t kResult = static_cast<std::size_t>(Part::result);

/// Which element each byte of a tensor holds that lies as tensor_layout says.
ElementMap layout_map(const Config& config, const ImageShape& shape) {
  const StoredOperand stored = tensor_layout(config, shape);
  const std::int64_t channels = config.block_out();
  const std::int64_t pixels = shape.rows * shape.columns;
  ElementMapBuilder builder(stored.blocks, config.batch() * channels);
  std::vector<std::int64_t> offsets;
  for (std::int64_t n = 0; n < shape.batch; n += config.batch()) {
    for (std::int64_t c = 0; c < shape.channels; c += channels) {
      offsets.clear();
      for (std::int64_t row = 0; row < config.batch(); ++row) {
        for (std::int64_t lane = 0; lane < channels; ++lane) {
          const bool inside = n + row < shape.batch && c + lane < shape.channels;
          offsets.push_back(inside ? (row * shape.channels + lane) * pixels : kNoElement);
        }
      }
      const std::int64_t pattern = builder.pattern(offsets);
      const std::int64_t place =
          n / config.batch() * stored.axes[0].stride + c / channels * stored.axes[1].stride;
      const std::int64_t element = (n * shape.channels + c) * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) builder.add(place + i, element + i, pattern);
    }
  }
  return std::move(builder).finish();
}

Cycles end_of_compute(const Timing& timing) {
  Cycles end{};
  for (const Activity& activity : timing.activities) {
    if (activity.unit == Unit::compute) end = std::max(end, activity.end);
  }
  return end;
}

/// Lays out memory and strings the layers' programs together.
class Linker {
 public:
  Linker(const IntegerNetwork& network, const Config& config, const TimingOptions& timing,
         std::vector<LayerPlan> plans)
      : network_(network),
        config_(config),
        timing_(timing),
        plans_(std::move(plans)),
        alignment_(std::max(kPage, element_bytes(config, Memory::weight))) {}

  Program run() && {
    program_.image.config = config_;
    program_.timing = timing_;
    place_ends();
    place_activations();
    place_constants();
    const std::int64_t micro_op_address = next_;
    for (std::size_t l = 0; l < plans_.size(); ++l) emit(l, micro_op_address);
    add_region("micro_ops", static_cast<std::int64_t>(micro_ops_.size()), micro_ops_);
    program_.image.outputs.push_back({"output", "output.bin", 0, size_of("output")});
    return std::move(program_);
  }

 private:
  std::int64_t add_region(const std::string& name, std::int64_t size, std::string content) {
    const std::int64_t address = next_;
    program_.image.regions.push_back({name, address, size, std::move(content), 0});
    next_ += ceil_div(size, alignment_) * alignment_;
    return address;
  }
  std::int64_t size_of(const std::string& region) const {
    return find_region(program_.image, region)->size;
  }

  void place_ends() {
    HostTensor input{network_.tensors.front().name, false, {}, "input", {}};
    const LayerPlan& first = plans_.front();
    if (first.packed_by_host) {
      input.map = element_map(*first.op, gemm_core(config_), first.compiled.embedding, Part::data,
                              first.around.stored[kData]);
    } else {
      input.map = layout_map(config_, network_.tensors.front().shape);
    }
    HostTensor output{network_.tensors.back().name, true, {}, "output",
                      layout_map(config_, network_.tensors.back().shape)};
    const auto place = [&](HostTensor tensor, const ImageShape& shape) {
      tensor.shape = {shape.batch, shape.channels, shape.rows, shape.columns};
      const std::int64_t bytes = tensor.map.bytes;
      program_.tensors.push_back(std::move(tensor));
      return bytes;
    };
    address_.assign(network_.tensors.size(), 0);
    address_.front() = add_region("input", place(std::move(input), network_.tensors.front().shape), {});
    address_.back() = add_region("output", place(std::move(output), network_.tensors.back().shape), {});
  }

  void place_activations() {
    std::vector<std::int64_t> bytes;
    for (const IntegerTensor& tensor : network_.tensors) {
      const std::int64_t size =
          tensor_layout(config_, tensor.shape).blocks * element_bytes(config_, Memory::output);
      bytes.push_back(ceil_div(size, alignment_) * alignment_);
    }
    const TensorPlaces places = place_tensors(network_, bytes);
    if (places.bytes == 0) return;
    const std::int64_t base = add_region("activations", places.bytes, {});
    for (std::size_t t = 1; t + 1 < address_.size(); ++t) address_[t] = base + places.offset[t];
  }

  void place_constants() {
    std::string bytes;
    const std::int64_t base = next_;
    const auto place = [&](const std::string& tiles) {
      const std::int64_t address = base + static_cast<std::int64_t>(bytes.size());
      bytes += tiles;
      return address;
    };
    for (LayerPlan& plan : plans_) {
      plan.around.address[kWeights] = place(plan.weights);
      plan.around.bias_address = place(plan.bias);
      plan.around.factor_address = place(plan.factor);
    }
    const auto size = static_cast<std::int64_t>(bytes.size());
    add_region("weights", size, std::move(bytes));
    const std::string vector = bias_vector(config_);
    const std::int64_t address =
        add_region("vector", static_cast<std::int64_t>(vector.size()), vector);
    for (LayerPlan& plan : plans_) plan.around.vector_address = address;
  }

  void emit(std::size_t l, std::int64_t micro_op_address) {
    const IntegerLayer& layer = network_.layers[l];
    LayerPlan& plan = plans_[l];
    plan.around.address[kData] = address_[layer.input] + plan.data_offset;
    plan.around.address[kResult] = address_[l + 1];
    if (layer.other) plan.around.other_address = address_[*layer.other];
    plan.around.micro_op_address = micro_op_address + static_cast<std::int64_t>(micro_ops_.size());
    EmittedProgram emitted = fastest(plan);
    pending_ = std::move(emitted.pending);
    std::vector<Instruction>& all = program_.image.program;
    LayerSpan span{layer.name, to_string(layer.kind), static_cast<std::int64_t>(all.size()), 0,
                   multiplications(network_, l), sum_steps(config_, plan, emitted.instructions)};
    all.insert(all.end(), emitted.instructions.begin(), emitted.instructions.end());
    span.end = static_cast<std::int64_t>(all.size());
    program_.layers.push_back(std::move(span));
    for (const std::uint32_t word : emitted.micro_ops) append_little_endian(micro_ops_, word);
  }

  /// The layer with the tiling that ends first after the layers so far.
  EmittedProgram fastest(LayerPlan& plan) const {
    if (plan.tilings.size() <= 1) return emit_plan(config_, plan, pending_);
    std::optional<EmittedProgram> best;
    Cycles soonest{};
    for (const Tiling& tiling : plan.tilings) {
      LayerPlan tiled = plan;
      tiled.compiled.tiling = tiling;
      EmittedProgram emitted = emit_plan(config_, tiled, pending_);
      std::vector<Instruction> so_far = program_.image.program;
      so_far.insert(so_far.end(), emitted.instructions.begin(), emitted.instructions.end());
      const Cycles end = end_of_compute(time(config_, so_far, timing_));
      if (best && end >= soonest) continue;
      soonest = end;
      plan.compiled.tiling = tiling;
      best = std::move(emitted);
    }
    return std::move(*best);
  }

  const IntegerNetwork& network_;
  const Config& config_;
  const TimingOptions& timing_;
  std::vector<LayerPlan> plans_;
  std::int64_t alignment_;
  std::int64_t next_ = kPage;
  std::vector<std::int64_t> address_;  ///< by tensor
  std::string micro_ops_;
  std::vector<PendingStore> pending_;  ///< of the newest layer
  Program program_;
};

}  // namespace

tl::expected<Program, std::vector<std::string>> compile_network(const IntegerNetwork& network,
                                                                const Config& config,
                                                                const NetworkOptions& options) {
  std::vector<std::string> reasons;
  if (config.block_in() != config.block_out()) {
    reasons.push_back(fmt::format("{}: layers pass blocks of {} channels and take blocks of {}",
                                  shape_text(config), config.block_out(), config.block_in()));
    return tl::unexpected(std::move(reasons));
  }
  LayerPlanner planner(network, config, options);
  std::vector<LayerPlan> plans;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    tl::expected<LayerPlan, std::string> plan = planner.plan(l);
    if (plan) {
      plans.push_back(std::move(*plan));
    } else {
      reasons.push_back(plan.error());
    }
  }
  if (!reasons.empty()) return tl::unexpected(std::move(reasons));
  return Linker(network, config, options.tune.timing, std::move(plans)).run();
}

}  // namespace tileloom::target::vta
