#include "tileloom/target/x86_vnni/network_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>

#include "tileloom/support/random.hpp"
#include "tileloom/target/x86_vnni/layer_kernels.hpp"
#include "tileloom/target/x86_vnni/plan.hpp"
#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::x86_vnni {

/// An image that the parts of a block keep for themselves.
struct Local {
  TensorId tensor{};
  std::size_t slot = 0;         ///< in the rows that parts need
  std::vector<Interval> made;   ///< channels that the block makes
  std::vector<Interval> taken;  ///< channels that others have made
  bool leaves = false;          ///< a part's share goes to where others read it
  Interval written;             ///< rows that the block makes
};

/// A block cut into parts.
struct Parts {
  Block block;
  PartField field;  ///< along the rows
  std::vector<Local> locals;
};

/// A core's own images and sums.
struct Scratch {
  PerId<TensorId, ImageRows> images;
  std::vector<int> sums;
};

namespace {

bool reads(const Region& region, const Block& block, TensorId tensor) {
  return std::ranges::any_of(block.operators, [&](OperatorId id) {
    return std::ranges::find(region.layers[id].inputs, tensor) != region.layers[id].inputs.end();
  });
}

/// Channels of its result that a layer makes.
Interval channels_made(const Layer& layer) {
  const std::int64_t first = layer.first_channel;
  if (layer.kind == LayerKind::copy) return {first, first + layer.shape.in_channels};
  return {0, layer.shape.out_channels};
}

Parts cut(const Region& region, const NetworkField& field, const CpuBlock& block) {
  Parts parts{make_block(region.workload, block.operators), {}, {}};
  parts.field = part_field(field, parts.block, SplitAxis::rows, block.cores * block.tiles);
  const std::vector<TensorId> all = all_tensors(parts.block);
  for (std::size_t slot = parts.block.inputs.size(); slot < all.size(); ++slot) {
    if (!reads(region, parts.block, all[slot])) continue;
    const std::vector<TensorId>& leaving = parts.block.outputs;
    Local local{.tensor = all[slot],
                .slot = slot,
                .leaves = std::ranges::find(leaving, all[slot]) != leaving.end(),
                .written = written(field, parts.block, all[slot], SplitAxis::rows)};
    for (const OperatorId id : producers(region.workload, all[slot])) {
      const bool here = std::ranges::find(block.operators, id) != block.operators.end();
      (here ? local.made : local.taken).push_back(channels_made(region.layers[id]));
    }
    parts.locals.push_back(std::move(local));
  }
  return parts;
}

}  // namespace

struct NetworkProgram::State {
  Region region;
  NetworkField field;
  PerId<TensorId, PaddedImage> images;
  PerId<TensorId, ImageRows> memory;  ///< whole, with padding
  std::optional<LayerKernels> kernels;
  std::map<CpuBlock, Parts> known;
  std::vector<Scratch> scratch;  ///< per core

  void allocate();
  const Parts& parts(const CpuBlock& block);
  void part(const Parts& parts, std::int64_t count, std::int64_t number, Scratch& own);
  void copy_rows(ImageRows& from, ImageRows& to, const PaddedImage& image, Interval rows,
                 Interval channels) const;
};

void NetworkProgram::State::allocate() {
  Random random(6);
  memory = PerId<TensorId, ImageRows>(images.size());
  for (const TensorId id : ids<TensorId>(images.size())) {
    const PaddedImage& image = images[id];
    memory[id].hold(image, {-image.above, image.size.rows + image.below});
    if (region.workload.tensors[id].kind != TensorKind::input) continue;
    for (std::int64_t r = 0; r < image.size.rows; ++r) {
      std::uint8_t* row = memory[id].row(r);
      for (std::int64_t i = 0; i < image.size.columns * image.size.channels; ++i) {
        row[i] = static_cast<std::uint8_t>(random.below(256));
      }
    }
  }
}

const Parts& NetworkProgram::State::parts(const CpuBlock& block) {
  const auto place = known.find(block);
  if (place != known.end()) return place->second;
  return known.emplace(block, cut(region, field, block)).first->second;
}

void NetworkProgram::State::copy_rows(ImageRows& from, ImageRows& to, const PaddedImage& image,
                                      Interval rows, Interval channels) const {
  const bool whole = channels.length() == image.size.channels;
  const std::int64_t runs = whole ? 1 : image.size.columns;
  const std::int64_t bytes = whole ? image.size.columns * image.size.channels : channels.length();
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    for (std::int64_t i = 0; i < runs; ++i) {
      const std::int64_t at = i * image.size.channels + channels.begin;
      std::memcpy(to.row(r) + at, from.row(r) + at, static_cast<std::size_t>(bytes));
    }
  }
}

void NetworkProgram::State::part(const Parts& parts, std::int64_t count, std::int64_t number,
                                 Scratch& own) {
  const auto p = static_cast<std::size_t>(number);
  const auto is_local = [&](TensorId id) {
    return std::ranges::find(parts.locals, id, &Local::tensor) != parts.locals.end();
  };
  const auto place = [&](TensorId id) { return is_local(id) ? &own.images[id] : &memory[id]; };
  for (const Local& local : parts.locals) {
    const Interval needed = parts.field.tensors[local.slot][p];
    if (needed.length() == 0) continue;
    own.images[local.tensor].hold(images[local.tensor], images[local.tensor].with_padding(needed));
    for (const Interval channels : local.taken) {
      copy_rows(memory[local.tensor], own.images[local.tensor], images[local.tensor], needed,
                channels);
    }
  }
  for (std::size_t i = 0; i < parts.block.operators.size(); ++i) {
    const Interval rows = parts.field.ranks[i][p];
    if (rows.length() == 0) continue;
    const OperatorId id = parts.block.operators[i];
    const Layer& layer = region.layers[id];
    std::vector<ImageRows*> inputs;
    for (const TensorId input : layer.inputs) inputs.push_back(place(input));
    kernels->run(id, layer, inputs, *place(layer.output), rows, own.sums);
  }
  for (const Local& local : parts.locals) {
    if (!local.leaves) continue;
    const Interval share = even_part(local.written.length(), count, number);
    const Interval rows{local.written.begin + share.begin, local.written.begin + share.end};
    for (const Interval channels : local.made) {
      copy_rows(own.images[local.tensor], memory[local.tensor], images[local.tensor], rows,
                channels);
    }
  }
}

Result<NetworkProgram> NetworkProgram::build(Region region, const Instruction& vnni,
                                             const std::string& compiler) {
  if (const std::string why = missing_instruction(vector_lanes(vnni)); !why.empty()) {
    return mistake({}, why, "measure on an x86-64 machine with that instruction");
  }
  if (region.layers.empty()) {
    return mistake(
        {},
        region.left_out.empty()
            ? "nothing can be measured: there are no operators"
            : fmt::format("nothing can be measured: the first of {} operators without code is {}, "
                          "{}",
                          region.left_out.size(), region.left_out[0].name, region.left_out[0].why),
        "convolutions, fully connected layers, pooling, residual sums and concatenations of one "
        "image are measured");
  }
  auto state = std::make_unique<State>();
  state->region = std::move(region);
  state->field = network_field(state->region.workload);
  state->images = padded_images(state->region);
  Result<LayerKernels> kernels = LayerKernels::build(state->region, state->images, vnni, compiler);
  if (!kernels) return tl::unexpected(kernels.error());
  state->kernels.emplace(std::move(*kernels));
  state->allocate();
  return NetworkProgram(std::move(state));
}

double NetworkProgram::run(const CpuBlock& block, const std::function<double()>& thread_clock) {
  const auto seconds = [&] { return thread_clock ? thread_clock() : 0.0; };
  const double start = seconds();
  State& state = *state_;
  const Parts& parts = state.parts(block);
  while (state.scratch.size() < static_cast<std::size_t>(block.cores)) {
    state.scratch.push_back({PerId<TensorId, ImageRows>(state.images.size()), {}});
  }
  const std::int64_t count = block.cores * block.tiles;
  std::vector<double> took(static_cast<std::size_t>(block.cores), 0);
  const auto core = [&](std::int64_t c) {
    const double begin = c == 0 ? start : seconds();
    for (std::int64_t t = 0; t < block.tiles; ++t) {
      state.part(parts, count, c * block.tiles + t, state.scratch[static_cast<std::size_t>(c)]);
    }
    took[static_cast<std::size_t>(c)] = seconds() - begin;
  };
  std::vector<std::thread> others;
  for (std::int64_t c = 1; c < block.cores; ++c) others.emplace_back(core, c);
  core(0);
  for (std::thread& other : others) other.join();
  return std::ranges::max(took);
}

void NetworkProgram::forget() {
  for (const Layer& layer : state_->region.layers) {
    const PaddedImage& image = state_->images[layer.output];
    for (std::int64_t r = 0; r < image.size.rows; ++r) {
      std::memset(state_->memory[layer.output].row(r), 0,
                  static_cast<std::size_t>(image.size.columns * image.size.channels));
    }
  }
}

std::int64_t NetworkProgram::working_set(const CpuBlock& block) {
  std::int64_t weights = 0, most = 0;
  for (const OperatorId id : block.operators) {
    weights += static_cast<std::int64_t>(state_->kernels->ready(id).packed_one.size());
  }
  const Parts& parts = state_->parts(block);
  for (const Local& local : parts.locals) {
    const PaddedImage& image = state_->images[local.tensor];
    for (const Interval rows : parts.field.tensors[local.slot]) {
      most = std::max(most, rows.length() * image.pitch());
    }
  }
  return weights + 2 * most;
}

std::int64_t NetworkProgram::rows(const CpuBlock& block) {
  std::int64_t most = 1;
  for (const TensorId tensor : state_->parts(block).block.outputs) {
    most = std::max(most, state_->images[tensor].size.rows);
  }
  return most;
}

NetworkProgram::NetworkProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}
NetworkProgram::NetworkProgram(NetworkProgram&&) noexcept = default;
NetworkProgram& NetworkProgram::operator=(NetworkProgram&&) noexcept = default;
NetworkProgram::~NetworkProgram() = default;

const Region& NetworkProgram::region() const { return state_->region; }
const std::vector<std::int8_t>& NetworkProgram::weights(OperatorId id) const {
  return state_->kernels->ready(id).weights;
}
int NetworkProgram::shift(OperatorId id) const { return state_->kernels->ready(id).shift; }

std::vector<std::uint8_t> NetworkProgram::values(TensorId tensor) const {
  const ImageSize& size = state_->images[tensor].size;
  std::vector<std::uint8_t> found;
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const std::uint8_t* row = state_->memory[tensor].row(r);
    found.insert(found.end(), row, row + size.columns * size.channels);
  }
  return found;
}

}  // namespace tileloom::x86_vnni
