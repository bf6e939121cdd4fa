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
  std::size_t core;
  double left;  ///< bits
  double weight;
  double rate = 0;  ///< bits per cycle
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
      active_.push_back({t, demand.channel, tasks_[t].core, demand.bits, demand.weight});
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

  void share() {
    std::vector<double> on_channel(machine_.channels, 0);
    std::vector<double> on_port(machine_.cores, 0);
    for (const Active& a : active_) {
      ++on_channel[a.channel];
      ++on_port[a.core];
    }
    for (Active& a : active_) {
      a.rate = std::min(machine_.bandwidth / (a.weight * on_channel[a.channel]),
                        machine_.port / on_port[a.core]);
    }
    shares_changed_ = false;
  }

  void advance() {
    if (shares_changed_) share();
    double step = computing_.empty() ? kNever : computing_.top().first - now_;
    for (const Active& a : active_) step = std::min(step, a.left / a.rate);
    now_ += step;
    std::vector<std::size_t> done;
    for (Active& a : active_) {
      // What would end within a thousandth of a cycle ends now.
      a.left -= a.rate * step;
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
