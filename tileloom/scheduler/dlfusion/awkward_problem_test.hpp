#pragma once
// Machines and networks as awkward as the formats allow, for what must hold of every one: odd
// numbers of cores, tiny and separate memories, windows with gaps and far paddings, branches,
// concatenations, views.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tileloom/scheduler/dlfusion/block_times.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler {

inline cost::MulticoreMachine awkward_machine(Random& random) {
  constexpr std::int64_t kCores[] = {1, 2, 3, 4, 5, 6, 8, 9, 12};
  const auto any_size = [&](std::int64_t log_low, std::int64_t log_high) {
    const std::int64_t low = std::int64_t{1} << random.between(log_low, log_high);
    return random.between(low, 2 * low);
  };
  cost::MulticoreMachine m;
  m.cores = kCores[random.below(std::size(kCores))];
  m.channels = random.between(1, std::min<std::int64_t>(m.cores, 4));
  m.channel_bandwidth = static_cast<double>(any_size(0, 9));
  m.remote = random.chance(50) ? 1 : 0.2 + 0.8 * random.unit();
  m.port = random.chance(50) ? kNever : static_cast<double>(any_size(1, 8));
  if (random.chance(40)) m.exchange = static_cast<double>(any_size(0, 8));
  m.multicast = random.chance(40);
  m.overlap = random.chance(75);
  if (!random.chance(15)) m.activation_bits = 8 * any_size(5, 15);
  m.weight_bits = m.activation_bits;
  m.one_room = random.chance(70);
  if (!m.one_room) m.weight_bits = 8 * any_size(3, 12);
  for (std::int64_t shapes = random.chance(60) ? 1 : random.between(2, 3); shapes > 0; --shapes) {
    m.lanes.push_back({random.between(1, 8), random.between(1, 8), random.between(1, 6)});
  }
  m.cycles_per_operation = random.chance(80) ? 1 : 1.024;
  m.launch = static_cast<double>(random.between(0, 300));
  m.sync = static_cast<double>(random.between(0, 200));
  m.sync_core = static_cast<double>(random.between(0, 40));
  return m;
}

/// Draws one network: maps of batch, channels, rows and columns.
class AwkwardNetwork {
 public:
  explicit AwkwardNetwork(Random& random) : random_(random) {
    for (std::int64_t i = random.chance(80) ? 1 : 2; i > 0; --i) {
      maps_.push_back(tensor({random.chance(70) ? 1 : random.between(2, 3), random.between(1, 12),
                              random.between(1, 13), random.between(1, 11)},
                             TensorKind::input));
    }
  }

  Workload draw(std::int64_t steps) {
    while (steps-- > 0) grow();
    for (const TensorId id : ids<TensorId>(net_.tensors.size())) {
      Tensor& made = net_.tensors[id];
      if (made.kind != TensorKind::intermediate) continue;
      if (consumers(net_, id).empty() || random_.chance(8)) made.kind = TensorKind::output;
    }
    for (Operator& op : net_.operators) {
      for (Operand& input : op.inputs) input.bits = input.partial_bits = bits(input);
      op.output.bits = op.output.partial_bits = bits(op.output);
    }
    return std::move(net_);
  }

 private:
  using Shape = std::vector<std::int64_t>;

  TensorId tensor(Shape shape, TensorKind kind) {
    const std::int64_t bits = random_.chance(80) ? 8 : 16;
    return net_.tensors.push_back(
        {fmt::format("t{}", net_.tensors.size()), std::move(shape), bits, kind});
  }
  std::int64_t bits(const Operand& operand) const { return net_.tensors[operand.tensor].bits; }
  const Shape& shape(TensorId id) const { return net_.tensors[id].shape; }

  /// One of the last few.
  TensorId source() {
    return maps_[maps_.size() - 1 - random_.below(std::min<std::size_t>(3, maps_.size()))];
  }

  static RankId rank(Operator& op, std::int64_t extent) {
    op.ranks.push_back({fmt::format("R{}", op.ranks.size()), extent});
    return static_cast<RankId>(op.ranks.size() - 1);
  }
  static Axis plain(const Operator& op, RankId id) { return {{{id, 1}}, 0, op.rank(id).extent}; }
  static Shape extents(const Operand& operand) {
    Shape found;
    for (const Axis& axis : operand.axes) found.push_back(axis.extent);
    return found;
  }

  /// Appends the operator; its output is a new map of the view's shape, or of `seen`.
  TensorId add(Operator op, Shape seen = {}) {
    op.name = fmt::format("op{}", net_.operators.size());
    if (seen.empty()) seen = extents(op.output);
    op.output.role = Role::output;
    op.output.tensor = tensor(std::move(seen), TensorKind::intermediate);
    const TensorId made = op.output.tensor;
    net_.operators.push_back(std::move(op));
    maps_.push_back(made);
    return made;
  }

  void grow() {
    const TensorId from = source();
    switch (random_.below(11)) {
      case 0:
      case 1:
      case 2:
        return convolution(from);
      case 3:
        return pooling(from);
      case 4:
        return scatter(from);
      case 5:
        return slice(from);
      case 6:
        return elementwise(from);
      case 7:
        return sum(from);
      case 8:
        return concatenation(from);
      case 9:
        return product(from);
      default:
        return reduction(from);
    }
  }

  ConvAxis window(std::int64_t size) {
    ConvAxis axis{.filter = random_.between(1, 4),
                  .stride = random_.chance(60) ? 1 : random_.between(2, 4),
                  .dilation = random_.chance(75) ? 1 : random_.between(2, 3),
                  .pad_before = random_.chance(50) ? 0 : random_.between(0, 4),
                  .input = size,
                  .pad_after = random_.chance(50) ? 0 : random_.between(0, 4)};
    const std::int64_t room = size + axis.pad_before + axis.pad_after;
    while ((axis.filter - 1) * axis.dilation + 1 > room) --axis.filter;
    axis.output = (room - (axis.filter - 1) * axis.dilation - 1) / axis.stride + 1;
    return axis;
  }

  void convolution(TensorId from) {
    const Shape in = shape(from);
    if (in.size() != 4) return elementwise(from);
    ConvShape conv{.batch = in[0],
                   .in_channels = in[1],
                   .out_channels = random_.between(1, 12),
                   .axes = {window(in[2]), window(in[3])}};
    if (random_.chance(40)) {
      conv.groups = random_.chance(50) ? in[1] : random_.between(1, in[1]);
      while (in[1] % conv.groups != 0) --conv.groups;
      conv.out_channels = conv.groups * random_.between(1, 3);
    }
    const TensorId weight =
        tensor({conv.out_channels, in[1] / conv.groups, conv.axes[0].filter, conv.axes[1].filter},
               TensorKind::constant);
    Operator op = make_conv("", conv, {}, from, weight, TensorId{});
    add(std::move(op), {in[0], conv.out_channels, conv.axes[0].output, conv.axes[1].output});
  }

  /// Every axis by itself: a window along rows and columns.
  void pooling(TensorId from) {
    const Shape in = shape(from);
    Operator op{.function = PointFunction::copy, .reduction = Reduction::max};
    op.inputs = {{from, Role::input, {}}};
    for (std::size_t a = 0; a < in.size(); ++a) {
      const ConvAxis slide = a < 2 ? ConvAxis{.output = in[a]} : window(in[a]);
      const RankId p = rank(op, slide.output);
      op.output.axes.push_back(plain(op, p));
      if (a < 2) {
        op.inputs[0].axes.push_back(plain(op, p));
        continue;
      }
      const RankId r = rank(op, slide.filter);
      op.inputs[0].axes.push_back(
          {{{p, slide.stride}, {r, slide.dilation}}, -slide.pad_before, in[a]});
    }
    add(std::move(op));
  }

  /// A transposed convolution per channel: out = stride·p + r − pad, cut to size.
  void scatter(TensorId from) {
    const Shape in = shape(from);
    if (in.size() != 4) return elementwise(from);
    Operator op{.function = PointFunction::copy, .reduction = Reduction::sum};
    op.inputs = {{from, Role::input, {}}};
    for (std::size_t a = 0; a < 4; ++a) {
      const RankId p = rank(op, in[a]);
      op.inputs[0].axes.push_back(plain(op, p));
      if (a < 2) {
        op.output.axes.push_back(plain(op, p));
        continue;
      }
      const std::int64_t stride = random_.between(1, 3);
      const std::int64_t filter = stride + random_.between(0, 1);
      const std::int64_t full = stride * (in[a] - 1) + filter;
      const std::int64_t pad =
          random_.chance(60) ? 0 : random_.between(0, std::min(full - 1, filter));
      const RankId r = rank(op, filter);
      op.output.axes.push_back({{{p, stride}, {r, 1}}, -pad, full - pad});
    }
    add(std::move(op));
  }

  /// offset, offset + step, … of each axis.
  void slice(TensorId from) {
    const Shape in = shape(from);
    Operator op{.function = PointFunction::copy, .reduction = Reduction::none};
    op.inputs = {{from, Role::input, {}}};
    for (const std::int64_t size : in) {
      const std::int64_t step = random_.chance(60) ? 1 : random_.between(2, 3);
      const std::int64_t offset = random_.chance(60) ? 0 : random_.between(0, size - 1);
      const std::int64_t most = (size - offset - 1) / step + 1;
      const RankId p = rank(op, random_.chance(60) ? most : random_.between(1, most));
      op.inputs[0].axes.push_back({{{p, step}}, offset, size});
      op.output.axes.push_back(plain(op, p));
    }
    add(std::move(op));
  }

  /// An activation, or a product or sum with a constant that may lack some axes; now and then it
  /// sees its input flat, or turns rows and channels around.
  void elementwise(TensorId from) {
    Shape in = shape(from);
    Operator op{.function = PointFunction::activation, .reduction = Reduction::none};
    op.inputs = {{from, Role::input, {}}};
    Shape made = in;
    if (random_.chance(10)) in = {elements(net_.tensors[from])};
    if (in.size() > 1 && random_.chance(10)) {
      in = {in[0] * in[1], elements(net_.tensors[from]) / (in[0] * in[1])};
    }
    for (const std::int64_t size : in) {
      op.inputs[0].axes.push_back(plain(op, rank(op, size)));
    }
    op.output.axes = op.inputs[0].axes;
    if (in.size() == 4 && random_.chance(10)) {
      std::swap(op.output.axes[1], op.output.axes[2]);
      made = extents(op.output);
    }
    if (random_.chance(40)) {
      op.function = random_.chance(50) ? PointFunction::multiply : PointFunction::add;
      Operand constant{TensorId{}, Role::weight, {}};
      for (const Axis& axis : op.inputs[0].axes) {
        if (random_.chance(60)) constant.axes.push_back(axis);
      }
      if (constant.axes.empty()) constant.axes.push_back(op.inputs[0].axes[0]);
      constant.tensor = tensor(extents(constant), TensorKind::constant);
      op.inputs.push_back(std::move(constant));
    }
    add(std::move(op), made);
  }

  void sum(TensorId from) {
    TensorId other = from;
    for (const TensorId map : maps_) {
      if (shape(map) == shape(from) && random_.chance(70)) other = map;
    }
    if (other == from) return elementwise(from);
    Operator op{.function = PointFunction::add, .reduction = Reduction::none};
    for (const std::int64_t size : shape(from)) op.output.axes.push_back(plain(op, rank(op, size)));
    op.inputs = {{from, Role::input, op.output.axes}, {other, Role::input, op.output.axes}};
    add(std::move(op));
  }

  /// Of two maps along channels or rows; of the other axes the smaller sizes.
  void concatenation(TensorId from) {
    const TensorId other = source();
    if (shape(from).size() != shape(other).size()) return elementwise(from);
    const std::size_t along =
        std::min<std::size_t>(random_.chance(70) ? 1 : 2, shape(from).size() - 1);
    Shape all;
    for (std::size_t a = 0; a < shape(from).size(); ++a) {
      all.push_back(a == along ? shape(from)[a] + shape(other)[a]
                               : std::min(shape(from)[a], shape(other)[a]));
    }
    const TensorId whole = tensor(all, TensorKind::intermediate);
    std::int64_t offset = 0;
    for (const TensorId part : {from, other}) {
      Operator op{.function = PointFunction::copy, .reduction = Reduction::none};
      op.name = fmt::format("op{}", net_.operators.size());
      op.inputs = {{part, Role::input, {}}};
      op.output = {whole, Role::output, {}};
      for (std::size_t a = 0; a < all.size(); ++a) {
        const RankId r = rank(op, a == along ? shape(part)[a] : all[a]);
        op.inputs[0].axes.push_back({{{r, 1}}, 0, shape(part)[a]});
        op.output.axes.push_back({{{r, 1}}, a == along ? offset : 0, all[a]});
      }
      offset += shape(part)[along];
      net_.operators.push_back(std::move(op));
    }
    maps_.push_back(whole);
  }

  /// A matrix product with constants, or with another map.
  void product(TensorId from) {
    const Shape in = shape(from);
    const std::int64_t all = elements(net_.tensors[from]);
    std::int64_t k = all / in[0];
    if (in.size() == 4 && random_.chance(50)) k = in[2] * in[3];
    const std::int64_t m = all / k;
    MatmulShape product{.m = m, .n = random_.between(1, 16), .k = k};
    TensorId right{};
    bool found = false;
    for (const TensorId map : maps_) {
      if (map == from || elements(net_.tensors[map]) % k != 0 || !random_.chance(60)) continue;
      right = map;
      found = true;
    }
    if (found) {
      product.n = elements(net_.tensors[right]) / k;
      product.b_role = Role::input;
    } else {
      right = tensor({k, product.n}, TensorKind::constant);
    }
    add(make_matmul("", product, {}, from, right, TensorId{}), {m, product.n});
  }

  /// Sum over one axis, which stays with extent 1.
  void reduction(TensorId from) {
    const Shape in = shape(from);
    const std::size_t over = random_.below(in.size());
    Operator op{.function = PointFunction::copy, .reduction = Reduction::sum};
    op.inputs = {{from, Role::input, {}}};
    Shape made = in;
    made[over] = 1;
    for (std::size_t a = 0; a < in.size(); ++a) {
      const Axis axis = plain(op, rank(op, in[a]));
      op.inputs[0].axes.push_back(axis);
      if (a != over) op.output.axes.push_back(axis);
      if (a == over) op.output.axes.push_back({{}, 0, 1});
    }
    add(std::move(op), made);
  }

  Random& random_;
  Workload net_;
  std::vector<TensorId> maps_;
};

inline Workload awkward_network(Random& random, std::int64_t steps) {
  return AwkwardNetwork(random).draw(steps);
}

}  // namespace tileloom::scheduler
