#include "tileloom/mapper/exact/product/ahead.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>

namespace tileloom::mapper::product {
namespace {

/// What an item took, begun with the record of its round, and that record if it improved.
struct Ahead {
  bool complete = false;
  std::int64_t work = 0;
  std::optional<Record> better;
};

/// Items from `first` on, all begun with the same record, in their order. Of a round nothing counts
/// behind the first item that improves or with which the budget ends, so that none is begun there
/// once that is known.
class Round {
 public:
  Round(std::size_t first, std::size_t items, const MakeSearch& make, const Record& start)
      : first_(first), make_(make), start_(start), ahead_(items - first), improved_(items - first) {}

  const std::vector<std::optional<Ahead>>& run() {
    const std::size_t crew = std::min(ahead_.size(), static_cast<std::size_t>(start_.threads));
    tbb::parallel_for(
        std::size_t{0}, crew, [&](std::size_t) { work(); }, tbb::simple_partitioner());
    return ahead_;
  }

 private:
  void work() {
    const SearchItem search = make_();
    Record record = start_;
    record.work_limit -= start_.work;
    for (std::size_t i = next_++; i < ahead_.size() && i < improved_; i = next_++) {
      if (work_ >= record.work_limit) return;
      record.work = 0;
      Ahead& found = ahead_[i].emplace();
      found.complete = search(first_ + i, record);
      found.work = record.work;
      work_ += found.work;
      if (record.improvements == start_.improvements) continue;
      found.better = std::move(record);
      std::size_t known = improved_;
      while (i < known && !improved_.compare_exchange_weak(known, i)) {
      }
      return;
    }
  }

  std::size_t first_;
  const MakeSearch& make_;
  const Record& start_;
  std::vector<std::optional<Ahead>> ahead_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::int64_t> work_{0};      ///< of finished items
  std::atomic<std::size_t> improved_;  ///< the first item known to improve
};

}  // namespace

int threads_of(const Budget& budget) {
  return budget.threads > 0 ? budget.threads : tbb::this_task_arena::max_concurrency();
}

bool alone(const std::function<bool()>& work) {
  return tbb::this_task_arena::isolate([&] { return work(); });
}

bool search_ahead(std::size_t items, const MakeSearch& make, Record& record) {
  std::size_t turn = 0;
  while (turn < items) {
    if (record.exhausted()) return false;
    Round round(turn, items, make, record);
    for (const std::optional<Ahead>& ahead : round.run()) {
      if (!ahead) break;
      if (!ahead->complete || record.work + ahead->work >= record.work_limit) {
        if (!make()(turn++, record)) return false;
        break;
      }
      ++turn;
      const std::int64_t work = record.work + ahead->work;
      if (!ahead->better) {
        record.work = work;
        continue;
      }
      const std::int64_t limit = record.work_limit;
      record = *ahead->better;
      record.work = work;
      record.work_limit = limit;
      break;
    }
  }
  return true;
}

}  // namespace tileloom::mapper::product
