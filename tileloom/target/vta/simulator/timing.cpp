#include "tileloom/target/vta/simulator/timing.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// What an instruction asks of its unit.
struct Demand {
  std::int64_t fixed = 0;  ///< cycles after the data (or altogether, without data)
  bool reads = false;
  std::int64_t before = 0;      ///< from its begin to its first word, if the port is free then
  std::int64_t port = 0;        ///< cycles of the read port, gaps between bursts included
  std::int64_t least = 0;       ///< it lasts at least as long: one scratchpad write per cycle
  int priority = 0;             ///< at the read port, 0 first
};

std::int64_t bursts(std::int64_t row_bytes, const TimingOptions& o) {
  return ceil_div(row_bytes, o.burst_bytes);
}

/// Fixed priority of the read port: fetch, uop, inp, wgt, acc.
int port_priority(Memory memory) {
  switch (memory) {
    case Memory::micro_op:
      return 1;
    case Memory::input:
      return 2;
    case Memory::weight:
      return 3;
    case Memory::accumulator:
    case Memory::accumulator8:
    case Memory::output:
      return 4;
  }
  return 4;
}

Demand demand(const Config& config, const Load& load, const TimingOptions& o) {
  if (load.x_size == 0 || load.y_size == 0) return {.fixed = o.sync};
  const std::int64_t row = load.x_size * element_bytes(config, load.memory);
  const std::int64_t width = load.x_pad_0 + load.x_size + load.x_pad_1;
  return {.fixed = load.memory == Memory::micro_op ? o.micro_op_write : 0,
          .reads = true,
          .before = load.y_pad_0 + o.read_latency,
          .port = load.y_size * (ceil_div(row, o.port_bytes) + o.burst_gap * bursts(row, o)),
          .least = load.memory == Memory::micro_op
                       ? 0
                       : width * (load.y_pad_0 + load.y_size + load.y_pad_1),
          .priority = port_priority(load.memory)};
}

Demand demand(const Config& config, const Store& store, const TimingOptions& o) {
  if (store.x_size == 0 || store.y_size == 0) return {.fixed = o.sync};
  const std::int64_t entry = element_bytes(config, Memory::output);
  return {.fixed = store.y_size * (store.x_size * (1 + ceil_div(entry, o.port_bytes)) +
                                   o.write_burst * bursts(store.x_size * entry, o))};
}

Demand demand(const Config&, const Gemm& gemm, const TimingOptions& o) {
  return {.fixed = steps(gemm.loops) + o.pipeline};
}

Demand demand(const Config&, const Alu& alu, const TimingOptions& o) {
  return {.fixed = (alu.use_immediate ? 1 : 2) * steps(alu.loops) + o.pipeline};
}

Demand demand(const Config&, const Finish&, const TimingOptions& o) { return {.fixed = o.sync}; }

Demand demand(const Config& config, const Instruction& instruction, const TimingOptions& o) {
  return std::visit([&](const auto& operation) { return demand(config, operation, o); },
                    instruction.operation);
}

/// A transfer over the read port: `left` cycles of it from `arrival` on.
struct Transfer {
  std::int64_t arrival = kNever;
  std::int64_t left = 0;
  int priority = 0;
  bool active() const { return arrival != kNever; }
};

/// Event-driven: time moves from one change (end of a phase, arrival of data or a token) to the
/// next.
class Clockwork {
 public:
  Clockwork(const Config& config, const std::vector<Instruction>& program, const TimingOptions& o)
      : config_(config), program_(program), o_(o) {
    for (std::size_t i = 0; i < program.size(); ++i) {
      units_[static_cast<std::size_t>(unit_of(program[i]))].queue.push_back(i);
    }
    dispatched_.assign(program.size(), kNever);
    dispatch_next_ = o.first_dispatch;
  }

  Timing run() {
    for (;;) {
      dispatch();
      for (std::size_t u = 0; u < kUnits; ++u) start(u);
      const std::int64_t next = next_event();
      if (next == kNever) break;
      advance(next);
      if (now_ >= o_.give_up) break;
      for (std::size_t u = 0; u < kUnits; ++u) finish(u);
    }
    result_.total = Cycles{now_};
    return std::move(result_);
  }

 private:
  struct UnitState {
    std::vector<std::size_t> queue;
    std::size_t next = 0;
    bool busy = false;
    std::int64_t begin = 0;
    std::int64_t free_since = 0;
    std::int64_t end = kNever;  ///< of the phase that needs no port
    Demand demand;
    Transfer transfer;
  };

  /// Hands instructions to the units, one per cycle while the fetched burst lasts.
  void dispatch() {
    while (next_dispatch_ < program_.size() && dispatch_next_ <= now_) {
      dispatched_[next_dispatch_] = dispatch_next_;
      ++next_dispatch_;
      ++dispatch_next_;
      const bool burst_empty =
          static_cast<std::int64_t>(next_dispatch_) % o_.fetch_instructions == 0;
      if (!burst_empty || next_dispatch_ == program_.size()) continue;
      const std::int64_t count =
          std::min(o_.fetch_instructions,
                   static_cast<std::int64_t>(program_.size() - next_dispatch_));
      fetch_ = {dispatch_next_ + o_.read_latency, count * ceil_div(16, o_.port_bytes), 0};
      dispatch_next_ = kNever;
    }
  }

  /// When the unit's next instruction may pop `queue`.
  std::int64_t available(const std::optional<TokenQueue>& queue) const {
    if (!queue) return 0;
    const auto q = static_cast<std::size_t>(*queue);
    return popped_[q] < pushed_[q].size() ? pushed_[q][popped_[q]] : kNever;
  }

  void pop(const std::optional<TokenQueue>& queue) {
    if (queue) ++popped_[static_cast<std::size_t>(*queue)];
  }

  /// The moment from which the unit's next instruction can run, and what holds it until then.
  std::int64_t startable(std::size_t u, Wait* wait, std::optional<TokenQueue>* queue) const {
    const UnitState& unit = units_[u];
    const std::size_t i = unit.queue[unit.next];
    const QueuePair wanted = pops(static_cast<Unit>(u), program_[i].tokens);
    const std::int64_t first = available(wanted.first);
    const std::int64_t second = available(wanted.second);
    const std::int64_t tokens = std::max(first, second);
    const std::int64_t moment = std::max(dispatched_[i], tokens);
    if (moment <= unit.free_since) return unit.free_since;
    *wait = tokens >= dispatched_[i] ? Wait::token : Wait::fetch;
    if (*wait == Wait::token) *queue = first >= second ? wanted.first : wanted.second;
    return moment;
  }

  void start(std::size_t u) {
    UnitState& unit = units_[u];
    if (unit.busy || unit.next == unit.queue.size()) return;
    Activity activity;
    if (startable(u, &activity.wait, &activity.wait_queue) > now_) return;
    const std::size_t i = unit.queue[unit.next];
    const QueuePair wanted = pops(static_cast<Unit>(u), program_[i].tokens);
    pop(wanted.first);
    pop(wanted.second);
    activity.instruction = i;
    activity.unit = static_cast<Unit>(u);
    activity.ready = Cycles{unit.free_since};
    activity.begin = Cycles{now_};
    current_[u] = activity;
    unit.busy = true;
    unit.begin = now_;
    unit.demand = demand(config_, program_[i], o_);
    if (unit.demand.reads) {
      unit.transfer = {now_ + unit.demand.before, unit.demand.port, unit.demand.priority};
      unit.end = kNever;
    } else {
      unit.end = now_ + unit.demand.fixed;
    }
  }

  /// The transfer that has the port from now on: of those that have arrived the one of highest
  /// priority.
  Transfer* owner() {
    Transfer* best = nullptr;
    const auto consider = [&](Transfer& transfer) {
      if (!transfer.active() || transfer.arrival > now_) return;
      if (best == nullptr || transfer.priority < best->priority) best = &transfer;
    };
    consider(fetch_);
    for (UnitState& unit : units_) consider(unit.transfer);
    return best;
  }

  std::int64_t next_event() {
    std::int64_t next = kNever;
    const auto consider = [&](std::int64_t moment) {
      if (moment > now_) next = std::min(next, moment);
    };
    if (next_dispatch_ < program_.size()) consider(dispatch_next_);
    if (fetch_.active()) consider(fetch_.arrival);
    if (const Transfer* transfer = owner()) consider(now_ + transfer->left);
    for (std::size_t u = 0; u < kUnits; ++u) {
      const UnitState& unit = units_[u];
      if (unit.busy) {
        consider(unit.end);
        if (unit.transfer.active()) consider(unit.transfer.arrival);
      } else if (unit.next < unit.queue.size()) {
        Wait wait = Wait::none;
        std::optional<TokenQueue> queue;
        consider(startable(u, &wait, &queue));
      }
    }
    return next;
  }

  /// Moves time on; the port works for its owner meanwhile.
  void advance(std::int64_t moment) {
    Transfer* transfer = owner();
    if (transfer != nullptr) {
      transfer->left -= moment - now_;
      result_.read_port += Cycles{moment - now_};
    }
    now_ = moment;
    if (fetch_.active() && fetch_.left == 0) {
      fetch_ = {};
      dispatch_next_ = now_ + 1;
    }
    for (UnitState& unit : units_) {
      if (!unit.transfer.active() || unit.transfer.left > 0) continue;
      unit.transfer = {};
      unit.end = std::max(now_ + unit.demand.fixed, unit.begin + unit.demand.least);
    }
  }

  void finish(std::size_t u) {
    UnitState& unit = units_[u];
    if (!unit.busy || unit.end > now_) return;
    const std::size_t i = unit.queue[unit.next];
    const QueuePair given = pushes(static_cast<Unit>(u), program_[i].tokens);
    for (const std::optional<TokenQueue>& queue : {given.first, given.second}) {
      if (queue) pushed_[static_cast<std::size_t>(*queue)].push_back(now_ + o_.token);
    }
    current_[u].end = Cycles{now_};
    result_.busy[u] += current_[u].end - current_[u].begin;
    result_.activities.push_back(current_[u]);
    unit.busy = false;
    unit.free_since = now_;
    unit.end = kNever;
    ++unit.next;
  }

  const Config& config_;
  const std::vector<Instruction>& program_;
  const TimingOptions& o_;
  std::int64_t now_ = 0;
  std::array<UnitState, kUnits> units_;
  std::array<Activity, kUnits> current_{};
  std::array<std::vector<std::int64_t>, kQueues> pushed_;  ///< when each token can be popped
  std::array<std::size_t, kQueues> popped_{};
  std::vector<std::int64_t> dispatched_;
  std::size_t next_dispatch_ = 0;
  std::int64_t dispatch_next_ = 0;
  Transfer fetch_;
  Timing result_;
};

}  // namespace

Cycles duration(const Config& config, const Instruction& instruction,
                const TimingOptions& options) {
  const Demand d = demand(config, instruction, options);
  return Cycles{std::max(d.before + d.port + d.fixed, d.least)};
}

Timing time(const Config& config, const std::vector<Instruction>& program,
            const TimingOptions& options) {
  return Clockwork(config, program, options).run();
}

}  // namespace tileloom::target::vta
