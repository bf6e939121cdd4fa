#include "tileloom/reference/contention.hpp"

#include <algorithm>
#include <limits>
#include <queue>

namespace tileloom::reference {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// A demand being served.
struct Active {
  std::size_t task;
  std::size_t channel;
  double left;  ///< bits
  double weight;
  double rate = 0;  ///< bits per cycle
};

/// Of one channel or port: what is left to give, and to how many.
struct Remaining {
  double capacity = 0;
  double claims = 0;
  double share() const { return capacity / claims; }
};

class Clockwork {
 public:
  Clockwork(const std::vector<Task>& tasks, const SharedChannels& machine)
      : tasks_(tasks),
        machine_(machine),
        waiting_(tasks.size()),
        open_(tasks.size()),
        ends_(tasks.size(), kNever),
        followers_(tasks.size()) {}

  std::vector<double> run() {
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      waiting_[t] = tasks_[t].predecessors.size();
      for (const std::size_t before : tasks_[t].predecessors) followers_[before].push_back(t);
    }
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      if (tasks_[t].predecessors.empty()) start(t);
    }
    while (settle(), !computing_.empty() || !active_.empty()) advance();
    return std::move(ends_);
  }

 private:
  void start(std::size_t t) {
    for (const Demand& demand : tasks_[t].demands) {
      if (demand.bits <= 0) continue;
      active_.push_back({t, demand.channel, demand.bits, demand.weight});
      ++open_[t];
    }
    if (open_[t] > 0) {
      shares_changed_ = true;
    } else {
      computing_.push({now_ + (tasks_[t].demands.empty() ? tasks_[t].cycles : 0), t});
    }
  }

  void end(std::size_t t) {
    ends_[t] = now_;
    for (const std::size_t next : followers_[t]) {
      if (--waiting_[next] == 0) start(next);
    }
  }

  /// Ends everything that is due now.
  void settle() {
    while (!computing_.empty() && computing_.top().first <= now_) {
      const std::size_t t = computing_.top().second;
      computing_.pop();
      end(t);
    }
  }

  /// The slowest claims first: what they leave of a channel's time or a port goes to the others.
  void share() {
    std::vector<Remaining> channel(machine_.channels, {machine_.bandwidth, 0});
    std::vector<Remaining> port(machine_.cores, {machine_.port, 0});
    for (const Active& a : active_) {
      ++channel[a.channel].claims;
      for (const std::size_t core : tasks_[a.task].cores) ++port[core].claims;
    }
    std::vector<Active*> open;
    for (Active& a : active_) open.push_back(&a);
    while (!open.empty()) {
      double least = kNever;
      for (Active* a : open) {
        a->rate = channel[a->channel].share() / a->weight;
        for (const std::size_t core : tasks_[a->task].cores) {
          a->rate = std::min(a->rate, port[core].share());
        }
        least = std::min(least, a->rate);
      }
      std::erase_if(open, [&](const Active* a) {
        if (a->rate > least * (1 + 1e-9)) return false;
        take(channel[a->channel], a->rate * a->weight);
        for (const std::size_t core : tasks_[a->task].cores) take(port[core], a->rate);
        return true;
      });
    }
    shares_changed_ = false;
  }

  static void take(Remaining& from, double amount) {
    from.capacity = std::max(0.0, from.capacity - amount);
    --from.claims;
  }

  void advance() {
    if (shares_changed_) share();
    double step = computing_.empty() ? kNever : computing_.top().first - now_;
    for (const Active& a : active_) step = std::min(step, a.left / a.rate);
    now_ += step;
    std::vector<std::size_t> done;
    for (Active& a : active_) {
      // What would end within a thousandth of a cycle ends now.
      a.left -= a.rate == kNever ? a.left : a.rate * step;
      if (a.left <= a.rate * 1e-3) {
        a.left = 0;
        done.push_back(a.task);
      }
    }
    if (done.empty()) return;
    std::erase_if(active_, [](const Active& a) { return a.left == 0; });
    shares_changed_ = true;
    for (const std::size_t t : done) {
      if (--open_[t] == 0) end(t);
    }
  }

  using Ending = std::pair<double, std::size_t>;
  const std::vector<Task>& tasks_;
  const SharedChannels& machine_;
  double now_ = 0;
  std::vector<std::size_t> waiting_;
  std::vector<std::size_t> open_;
  std::vector<double> ends_;
  std::vector<std::vector<std::size_t>> followers_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> computing_;
  std::vector<Active> active_;
  bool shares_changed_ = false;
};

}  // namespace

std::vector<double> end_times(const std::vector<Task>& tasks, const SharedChannels& machine) {
  return Clockwork(tasks, machine).run();
}

}  // namespace tileloom::reference
