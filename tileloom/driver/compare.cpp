#include "tileloom/driver/compare.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <map>
#include <mutex>

#include "tileloom/mapper/canonical.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {
namespace {

/// A search to be run, and where its outcome goes.
struct Task {
  OperatorId op{};
  const mapper::Mapper* mapper = nullptr;
  std::string name;
  Budget budget;
  report::SearchRun* run = nullptr;
};

class Comparing {
 public:
  Comparing(const Workload& workload, const Architecture& arch, const CompareRequest& request,
            const ThreadClock& clock, const OnCompareProgress& on_progress)
      : workload_(workload),
        arch_(arch),
        request_(request),
        clock_(clock),
        on_progress_(on_progress) {}

  void run(const std::vector<Task>& tasks) {
    all_ = tasks.size();
    std::atomic<std::size_t> next{0};
    tbb::task_arena arena(request_.budget.threads > 0 ? request_.budget.threads
                                                      : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, tasks.size(),
                        [&](std::size_t) { run_one(tasks[next.fetch_add(1)]); });
    });
  }

 private:
  void run_one(const Task& task) {
    report::SearchRun& run = *task.run;
    if (task.budget.stopped()) return;  // what has begun is finished early, the rest left out
    const mapper::Problem problem{workload_, task.op, arch_, request_.objective,
                                  request_.constraints};
    const double start = clock_();
    const auto note = [&](const cost::Score& score, std::int64_t evaluations) {
      if (!run.trace.empty() && run.trace.back().score <= score) return;
      run.trace.push_back({evaluations, clock_() - start, score});
    };
    const mapper::MapResult result =
        task.mapper->map(problem, task.budget, [&](const mapper::Progress& news) {
          if (news.incumbent) note(*news.incumbent, news.evaluations);
          tell(task, news, false);
        });
    if (result.evaluation) {
      run.score = cost::score(request_.objective, result.evaluation->latency.total,
                              result.evaluation->energy);
      note(*run.score, result.evaluations);
      run.trace.back().score = *run.score;  // the ruler's own figure, not the search's
    }
    run.seconds = clock_() - start;
    run.proof = result.proof;
    run.lower_bound = result.lower_bound;
    run.evaluations = result.evaluations;
    run.draws = result.draws;
    tell(task, {}, true);
  }

  void tell(const Task& task, const mapper::Progress& news, bool done) {
    const std::lock_guard lock(mutex_);
    if (done) ++done_;
    if (on_progress_) {
      on_progress_({done_, all_,
                    fmt::format("{} on {}", task.name, workload_.operators[task.op].name), news});
    }
  }

  const Workload& workload_;
  const Architecture& arch_;
  const CompareRequest& request_;
  const ThreadClock& clock_;
  const OnCompareProgress& on_progress_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t all_ = 0;
};

/// The distinct operators, in their order, with nothing run yet.
std::vector<OperatorId> add_layers(const Workload& workload, const Architecture& arch,
                                   const CompareRequest& request, report::Comparison& comparison) {
  std::vector<OperatorId> distinct;
  std::map<std::string, std::size_t> known;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const auto [place, is_new] = known.emplace(
        mapper::problem_text({workload, id, arch, request.objective, request.constraints}),
        distinct.size());
    if (!is_new) {
      ++comparison.layers[place->second].count;
      continue;
    }
    distinct.push_back(id);
    report::ComparedLayer layer;
    layer.name = workload.operators[id].name;
    layer.runs.assign(request.mappers.size(), std::vector<report::SearchRun>(request.seeds.size()));
    comparison.layers.push_back(std::move(layer));
  }
  return distinct;
}

Result<std::vector<std::unique_ptr<mapper::Mapper>>> make_all(const CompareRequest& request) {
  std::vector<std::unique_ptr<mapper::Mapper>> made;
  Diagnostics mistakes;
  for (const std::string& name : request.mappers) {
    Result<std::unique_ptr<mapper::Mapper>> one = mapper::make_mapper(name, request.options);
    if (one) {
      made.push_back(std::move(*one));
    } else {
      mistakes.insert(mistakes.end(), one.error().begin(), one.error().end());
    }
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return made;
}

}  // namespace

Result<report::Comparison> compare(const Workload& workload, const Architecture& arch,
                                   const CompareRequest& request, const ThreadClock& clock,
                                   const OnCompareProgress& on_progress) {
  const auto mappers = make_all(request);
  if (!mappers) return tl::unexpected(mappers.error());
  const Result<std::unique_ptr<mapper::Mapper>> exact = mapper::make_mapper("exact", {});
  if (!exact) return tl::unexpected(exact.error());
  report::Comparison comparison{
      workload.name,   arch.name, request.objective, request.budget.evaluations, request.seeds,
      request.mappers, {}};
  const std::vector<OperatorId> distinct = add_layers(workload, arch, request, comparison);
  std::vector<Task> tasks;
  Budget budget = request.budget;
  budget.threads = 1;
  budget.evaluations = request.floor_evaluations;
  for (std::size_t i = 0; i < distinct.size(); ++i) {  // first: nothing can be said without them
    tasks.push_back({distinct[i], exact->get(), "exact", budget, &comparison.layers[i].floor});
  }
  budget.evaluations = request.budget.evaluations;
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    report::ComparedLayer& layer = comparison.layers[i];
    for (std::size_t m = 0; m < request.mappers.size(); ++m) {
      for (std::size_t s = 0; s < request.seeds.size(); ++s) {
        budget.seed = request.seeds[s];
        tasks.push_back(
            {distinct[i], (*mappers)[m].get(), request.mappers[m], budget, &layer.runs[m][s]});
      }
    }
  }
  try {
    Comparing(workload, arch, request, clock, on_progress).run(tasks);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operator or its tiles are too large");
  }
  return comparison;
}

}  // namespace tileloom::driver
