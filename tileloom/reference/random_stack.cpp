#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {
namespace {

/// Operators on feature maps [C, H] or [C, H, W]; each reads at least one result nobody has read.
class MapNetwork {
 public:
  explicit MapNetwork(Random& random) : random_(random) {
    std::vector<std::int64_t> shape{random.between(1, 3), random.between(2, 8)};
    if (random.chance(45))
      shape = {random.between(1, 2), random.between(2, 6), random.between(2, 6)};
    maps_.push_back(add_tensor(shape, TensorKind::input));
  }

  Workload draw() {
    for (std::int64_t i = random_.between(2, 4); i > 0; --i) grow();
    while (unread_.size() > 1) join(take(), take());
    workload_.tensors[unread_.front()].kind = TensorKind::output;
    for (const TensorId id : ids<TensorId>(workload_.tensors.size())) {
      const bool inner = workload_.tensors[id].kind == TensorKind::intermediate;
      if (inner && random_.chance(6)) workload_.tensors[id].kind = TensorKind::output;
    }
    return std::move(workload_);
  }

 private:
  const std::vector<std::int64_t>& shape(TensorId id) const { return workload_.tensors[id].shape; }

  TensorId add_tensor(std::vector<std::int64_t> shape, TensorKind kind) {
    return workload_.tensors.push_back(
        {fmt::format("t{}", workload_.tensors.size()), std::move(shape), 8, kind});
  }

  /// The newest unread result, or now and then any map: a branch.
  TensorId source() {
    if (unread_.empty() || random_.chance(25)) return maps_[random_.below(maps_.size())];
    return unread_.back();
  }
  TensorId take() {
    const TensorId id = unread_.back();
    unread_.pop_back();
    return id;
  }
  void read(TensorId id) { std::erase(unread_, id); }

  TensorId add(Operator op, const std::vector<std::int64_t>& shape) {
    const TensorId output = add_tensor(shape, TensorKind::intermediate);
    op.name = fmt::format("op{}", workload_.operators.size());
    op.output.tensor = output;
    workload_.operators.push_back(std::move(op));
    unread_.push_back(output);
    maps_.push_back(output);
    return output;
  }

  void grow() {
    const TensorId from = source();
    switch (random_.below(6)) {
      case 0:
      case 1:
      case 2:
        return window(from, true);
      case 3:
        return window(from, false);
      case 4:
        return other_view(from);
      default:
        return branch(from);
    }
  }

  RankId rank(Operator& op, std::int64_t extent) const {
    op.ranks.push_back({fmt::format("R{}", op.ranks.size()), extent});
    return static_cast<RankId>(op.ranks.size() - 1);
  }
  static Axis plain(const Operator& op, RankId id) { return {{{id, 1}}, 0, op.rank(id).extent}; }

  /// A convolution, or (without weights) a depthwise one or a pooling.
  void window(TensorId from, bool channels) {
    const std::vector<std::int64_t> in = shape(from);
    read(from);
    Operator op;
    op.inputs = {{from, Role::input, {}}};
    op.output = {TensorId{}, Role::output, {}, 8, 24};
    std::vector<std::int64_t> out;
    std::vector<Axis> weights;
    const RankId c = rank(op, in[0]);
    op.inputs[0].axes.push_back(plain(op, c));
    if (channels) {
      const RankId k = rank(op, random_.between(1, 3));
      op.output.axes.push_back(plain(op, k));
      weights = {plain(op, k), plain(op, c)};
      out.push_back(op.rank(k).extent);
    } else {
      op.output.axes.push_back(plain(op, c));
      weights = {plain(op, c)};
      out.push_back(in[0]);
    }
    for (std::size_t a = 1; a < in.size(); ++a) slide(op, in[a], out, weights);
    op.function = PointFunction::copy;
    op.reduction = random_.chance(50) ? Reduction::max : Reduction::sum;
    if (channels || random_.chance(50)) {
      op.function = PointFunction::multiply;
      op.reduction = Reduction::sum;
      op.inputs.push_back(
          {add_tensor(sizes(weights), TensorKind::constant), Role::weight, weights});
    }
    add(std::move(op), out);
  }

  /// One axis of windows: stride·p + dilation·r − padding.
  void slide(Operator& op, std::int64_t size, std::vector<std::int64_t>& out,
             std::vector<Axis>& weights) {
    const std::int64_t filter = random_.between(1, std::min<std::int64_t>(3, size));
    const std::int64_t dilation = random_.chance(20) ? 2 : 1;
    const std::int64_t stride = random_.chance(30) ? random_.between(2, 3) : 1;
    const std::int64_t before = random_.between(0, 1);
    const std::int64_t reach = (filter - 1) * dilation + 1;
    const std::int64_t positions =
        std::max<std::int64_t>(1, (size + before + random_.between(0, 1) - reach) / stride + 1);
    const RankId p = rank(op, positions);
    const RankId r = rank(op, filter);
    op.inputs[0].axes.push_back({{{p, stride}, {r, dilation}}, -before, size});
    op.output.axes.push_back(plain(op, p));
    weights.push_back(plain(op, r));
    out.push_back(positions);
  }

  static std::vector<std::int64_t> sizes(const std::vector<Axis>& axes) {
    std::vector<std::int64_t> sizes;
    for (const Axis& axis : axes) sizes.push_back(axis.extent);
    return sizes;
  }

  /// An activation that sees the first two axes as one.
  void other_view(TensorId from) {
    std::vector<std::int64_t> seen = shape(from);
    read(from);
    if (seen[0] > 1 && random_.chance(50)) {
      seen[1] *= seen[0];
      seen.erase(seen.begin());
    }
    Operator op;
    op.function = PointFunction::activation;
    op.reduction = Reduction::none;
    op.inputs = {{from, Role::input, {}}};
    op.output = {TensorId{}, Role::output, {}};
    for (const std::int64_t extent : seen) op.inputs[0].axes.push_back(plain(op, rank(op, extent)));
    op.output.axes = op.inputs[0].axes;
    if (seen.size() == 1) seen.insert(seen.begin(), 1);
    add(std::move(op), seen);
  }

  /// Two results of one shape from one map, added or one behind the other.
  void branch(TensorId from) {
    const std::vector<std::int64_t> in = shape(from);
    read(from);
    const TensorId left = same_size(from);
    join(left, random_.chance(50) ? from : same_size(from));
  }

  /// A window of up to 3 per axis that keeps the size.
  TensorId same_size(TensorId from) {
    const std::vector<std::int64_t> in = shape(from);
    Operator op;
    op.function = PointFunction::copy;
    op.reduction = Reduction::sum;
    op.inputs = {{from, Role::input, {}}};
    op.output = {TensorId{}, Role::output, {}, 8, 24};
    for (std::size_t a = 0; a < in.size(); ++a) {
      const RankId p = rank(op, in[a]);
      op.output.axes.push_back(plain(op, p));
      if (a == 0) {
        op.inputs[0].axes.push_back(plain(op, p));
        continue;
      }
      const RankId r = rank(op, random_.between(1, 3));
      op.inputs[0].axes.push_back({{{p, 1}, {r, 1}}, -random_.between(0, 1), in[a]});
    }
    return add(std::move(op), in);
  }

  void join(TensorId left, TensorId right) {
    read(left);
    read(right);
    if (left != right && shape(left) == shape(right) && random_.chance(60)) {
      Operator op;
      op.function = PointFunction::add;
      op.reduction = Reduction::none;
      op.output = {TensorId{}, Role::output, {}};
      for (const std::int64_t e : shape(left)) op.output.axes.push_back(plain(op, rank(op, e)));
      op.inputs = {{left, Role::input, op.output.axes}, {right, Role::input, op.output.axes}};
      add(std::move(op), shape(left));
      return;
    }
    concatenate(left, right);
  }

  /// Along the first axis; of the others the smaller sizes.
  void concatenate(TensorId left, TensorId right) {
    std::vector<std::int64_t> a = shape(left);
    std::vector<std::int64_t> b = shape(right);
    while (a.size() < b.size()) a.push_back(1);
    while (b.size() < a.size()) b.push_back(1);
    std::vector<std::int64_t> all{a[0] + b[0]};
    for (std::size_t i = 1; i < a.size(); ++i) all.push_back(std::min(a[i], b[i]));
    const TensorId whole = add_tensor(all, TensorKind::intermediate);
    const auto part = [&](TensorId from, const std::vector<std::int64_t>& seen,
                          std::int64_t offset) {
      Operator op;
      op.name = fmt::format("op{}", workload_.operators.size());
      op.function = PointFunction::copy;
      op.reduction = Reduction::none;
      op.inputs = {{from, Role::input, {}}};
      op.output = {whole, Role::output, {}};
      for (std::size_t i = 0; i < seen.size(); ++i) {
        const RankId r = rank(op, i == 0 ? seen[0] : all[i]);
        op.inputs[0].axes.push_back({{{r, 1}}, 0, seen[i]});
        op.output.axes.push_back({{{r, 1}}, i == 0 ? offset : 0, all[i]});
      }
      workload_.operators.push_back(std::move(op));
    };
    part(left, a, 0);
    part(right, b, a[0]);
    unread_.push_back(whole);
    maps_.push_back(whole);
    // A sequence ends with one operator that everything else leads to.
    other_view(whole);
  }

  Random& random_;
  Workload workload_;
  std::vector<TensorId> maps_;
  std::vector<TensorId> unread_;  ///< results that nothing reads yet
};

/// So many outermost memories hold every tensor.
constexpr std::size_t kHoldAll = 3;

/// Loops above the sequence, the children's paths, and the Stores of every tensor above it.
class StackDraft {
 public:
  StackDraft(Random& random, const Workload& workload, const Architecture& arch)
      : random_(random), workload_(workload), arch_(arch), inner_(arch) {
    // The outermost memories are left to the Stores above the sequence.
    const std::size_t outside = random.below(kHoldAll);
    for (std::size_t m = 0; m < outside; ++m) inner_.memories[static_cast<MemoryId>(m)].holds = {};
  }

  LoopTree draw() {
    draw_loops();
    Sequence sequence;
    for (const OperatorId op : ids<OperatorId>(workload_.operators.size())) {
      sequence.children.push_back({draw_child(op), ComputeLeaf{op}});
    }
    LoopTree tree;
    tree.tail = sequence;
    const FusedStack bare = fused_stack(workload_, tree, {});
    std::vector<std::vector<Store>> gaps(loops_.size() + 1);
    for (const StackTensor& tensor : stack_tensors(workload_, bare)) place(tensor, gaps);
    for (std::size_t gap = 0; gap <= loops_.size(); ++gap) {
      for (const Store& store : gaps[gap]) tree.path.push_back(store);
      if (gap < loops_.size()) tree.path.push_back(loops_[gap]);
    }
    return tree;
  }

 private:
  OperatorId driver() const { return static_cast<OperatorId>(workload_.operators.size() - 1); }

  void draw_loops() {
    const Operator& op = workload_.operators[driver()];
    for (const Rank& rank : op.ranks) tile_.push_back(rank.extent);
    for (std::int64_t i = random_.between(1, 3); i > 0; --i) {
      auto rank = random_.below(op.ranks.size());
      for (int again = 0; again < 3 && tile_[rank] == 1; ++again) {
        rank = random_.below(op.ranks.size());
      }
      std::int64_t& tile = tile_[rank];
      tile = random_.between(1, std::max<std::int64_t>(1, random_.chance(70) ? tile / 2 : tile));
      loops_.push_back({driver(), static_cast<RankId>(rank), tile, std::nullopt});
    }
  }

  /// A path below homes; the first Store of each tensor only says where its home may be.
  std::vector<PathNode> draw_child(OperatorId op) {
    Workload part = workload_;
    if (op == driver()) {
      for (std::size_t r = 0; r < tile_.size(); ++r) part.operators[op].ranks[r].extent = tile_[r];
    }
    std::vector<PathNode> path;
    std::set<TensorId> seen;
    for (const PathNode& node : random_path(random_, part, op, inner_).path) {
      const Store* store = std::get_if<Store>(&node);
      if (store != nullptr && seen.insert(store->tensor).second) {
        const auto [home, is_new] = homes_.emplace(store->tensor, store->memory);
        if (!is_new) home->second = std::min(home->second, store->memory);
      } else {
        path.push_back(node);
      }
    }
    return path;
  }

  bool holds_all(MemoryId memory, const StackTensor& tensor) const {
    for (const std::vector<std::size_t>& users : {tensor.writers, tensor.readers}) {
      for (const std::size_t user : users) {
        const Role role =
            find_operand(workload_.operators[static_cast<OperatorId>(user)], tensor.tensor)->role;
        if (!arch_.memories[memory].holds[static_cast<std::size_t>(role)]) return false;
      }
    }
    return true;
  }

  /// One to three Stores in memories ever further inwards, the last at most where the children's
  /// paths take over.
  void place(const StackTensor& tensor, std::vector<std::vector<Store>>& gaps) {
    MemoryId last = homes_.at(tensor.tensor);
    if (!holds_all(last, tensor)) last = MemoryId{0};
    std::vector<MemoryId> chain;
    for (std::size_t m = 0; m < index(last); ++m) {
      const auto memory = static_cast<MemoryId>(m);
      if (holds_all(memory, tensor) && random_.chance(60)) chain.push_back(memory);
    }
    chain.push_back(last);
    const bool anywhere = tensor.role == StackRole::internal && !tensor.used_outside;
    std::size_t gap = 0;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (i > 0 || anywhere) gap = gap + random_.below(gaps.size() - gap);
      if (anywhere && i + 1 == chain.size() && random_.chance(30)) gap = gaps.size() - 1;
      gaps[gap].push_back(
          {tensor.tensor, chain[i], random_.chance(35) ? Keep::same : Keep::overlap});
    }
  }

  Random& random_;
  const Workload& workload_;
  const Architecture& arch_;
  Architecture inner_;  ///< as the children's paths see it
  std::vector<Loop> loops_;
  std::vector<std::int64_t> tile_;
  std::map<TensorId, MemoryId> homes_;
};

}  // namespace

RandomNetwork random_stack(Random& random) {
  for (;;) {
    RandomNetwork drawn;
    drawn.workload = MapNetwork(random).draw();
    do drawn.arch = random_architecture(random);
    while (drawn.arch.memories.size() < kHoldAll);
    for (std::size_t m = 0; m < kHoldAll; ++m) {
      drawn.arch.memories[static_cast<MemoryId>(m)].holds = {true, true, true};
    }
    drawn.tree = StackDraft(random, drawn.workload, drawn.arch).draw();
    const std::vector<Violation> broken = check(drawn.workload, drawn.arch, drawn.tree);
    const bool uncovered = std::ranges::any_of(broken, [](const Violation& violation) {
      return violation.what.find("are not needed by its last operator") != std::string::npos;
    });
    if (!uncovered) return drawn;
  }
}

}  // namespace tileloom::reference
