#include "tileloom/driver/disk_cache.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "tileloom/driver/network.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::driver {
namespace {

/// One memory in which every access costs 1 pJ.
Architecture machine() {
  Architecture arch;
  arch.name = "one";
  Memory memory;
  memory.name = "Home";
  memory.read.value.value = memory.write.value.value = 1;
  arch.memories.push_back(memory);
  return arch;
}

class DiskCacheTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  mapper::Problem problem() const { return {workload_, OperatorId{0}, arch_, objective_, none_}; }
  mapper::MapResult solve() const {
    return (*mapper::make_mapper("exact", {}))->map(problem(), budget_, nullptr);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      all.push_back(entry.path().string());
    }
    return all;
  }

  std::string folder_ = testing::TempDir() + "tileloom_disk_cache_" +
                        testing::UnitTest::GetInstance()->current_test_info()->name();
  Workload workload_ = one_matmul("mm", {.m = 4, .n = 3, .k = 2}, {8, 8, 8, 8});
  Architecture arch_ = machine();
  cost::Objective objective_;
  mapper::Constraints none_;
  Budget budget_{.evaluations = 1000};
};

TEST_F(DiskCacheTest, AnAnswerThatWasKeptIsFoundWithAllItsParts) {
  const DiskCache cache(folder_, "exact", budget_);
  EXPECT_FALSE(cache.find(problem()));
  const mapper::MapResult kept = solve();
  cache.keep(problem(), kept);
  const std::optional<mapper::MapResult> found = cache.find(problem());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tree, kept.tree);
  EXPECT_EQ(found->proof, kept.proof);
  EXPECT_EQ(found->lower_bound, kept.lower_bound);
  EXPECT_EQ(found->evaluations, kept.evaluations);
  EXPECT_EQ(found->evaluation->energy.value, kept.evaluation->energy.value);
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(DiskCacheTest, AnotherBudgetObjectiveMachineOrMapperIsAnotherQuestion) {
  DiskCache(folder_, "exact", budget_).keep(problem(), solve());
  EXPECT_FALSE(DiskCache(folder_, "random", budget_).find(problem()));
  EXPECT_FALSE(DiskCache(folder_, "exact", {.evaluations = 2000}).find(problem()));
  objective_.first = cost::Metric::latency;
  EXPECT_FALSE(DiskCache(folder_, "exact", budget_).find(problem()));
  objective_.first = cost::Metric::edp;
  arch_.memories[MemoryId{0}].read.value.value = 2;
  EXPECT_FALSE(DiskCache(folder_, "exact", budget_).find(problem()));
}

TEST_F(DiskCacheTest, NamesDoNotMatter) {
  const DiskCache cache(folder_, "exact", budget_);
  cache.keep(problem(), solve());
  workload_.operators[OperatorId{0}].name = "other";
  workload_.operators[OperatorId{0}].kind = "Gemm";
  EXPECT_TRUE(cache.find(problem()));
}

TEST_F(DiskCacheTest, ADamagedEntryIsIgnoredAndReplaced) {
  const DiskCache cache(folder_, "exact", budget_);
  const mapper::MapResult answer = solve();
  cache.keep(problem(), answer);
  const std::string file = files().front();
  const std::string whole = *read_file(file);
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    ASSERT_TRUE(write_file(file, whole.substr(0, length)));
    EXPECT_FALSE(cache.find(problem())) << length << " bytes";
  }
  std::string wrong = whole;
  wrong.replace(wrong.find("\"cycles\":"), 9, "\"cycles\":1");
  ASSERT_TRUE(write_file(file, wrong));
  EXPECT_FALSE(cache.find(problem()));
  cache.keep(problem(), answer);
  EXPECT_TRUE(cache.find(problem()));
}

TEST_F(DiskCacheTest, ConcurrentRunsShareAFolderAndLeaveNoHalfFiles) {
  const mapper::MapResult answer = solve();
  std::vector<std::thread> runs;
  for (int run = 0; run < 4; ++run) {
    runs.emplace_back([&] {
      const DiskCache cache(folder_, "exact", budget_);
      for (int i = 0; i < 10; ++i) {
        cache.keep(problem(), answer);
        EXPECT_TRUE(cache.find(problem()));
      }
    });
  }
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(DiskCacheTest, TheSecondScheduleOfANetworkComesFromTheCacheAndIsTheSame) {
  SearchRequest request;
  request.budget = budget_;
  request.cache_folder = folder_;
  const auto first = schedule_network(workload_, arch_, request, nullptr);
  const auto second = schedule_network(workload_, arch_, request, nullptr);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->layers.front().from_cache);
  EXPECT_TRUE(second->layers.front().from_cache);
  EXPECT_EQ(first->layers.front().result.tree, second->layers.front().result.tree);
  EXPECT_EQ(first->latency, second->latency);
}

TEST_F(DiskCacheTest, APipelineIsRememberedStageByStage) {
  const Result<Architecture> edge = load_architecture("gamma_edge");
  ASSERT_TRUE(edge);
  const Workload workload = one_matmul("mm", {.m = 24, .n = 40, .k = 36}, {8, 8, 8, 8});
  SearchRequest request;
  request.mapper = "gamma";
  request.pipeline = true;
  request.objective = {cost::Metric::latency, cost::Metric::energy};
  request.budget = {.evaluations = 300, .threads = 1};
  const auto solve = [&] { return schedule_network(workload, *edge, request, nullptr)->layers[0]; };
  const scheduler::Layer searched = solve();
  request.cache_folder = folder_;
  EXPECT_FALSE(solve().from_cache);
  EXPECT_EQ(files().size(), 2U);
  const auto expect_same = [&](bool from_cache) {
    const scheduler::Layer again = solve();
    EXPECT_EQ(again.from_cache, from_cache);
    EXPECT_EQ(again.result.tree, searched.result.tree);
    EXPECT_EQ(again.result.evaluations, searched.result.evaluations);
  };
  expect_same(true);
  // Without one of the two files only that stage is searched again. Stage 2 counts its samples on
  // top of those of stage 1.
  for (const std::string& file : files()) {
    const bool second = read_file(file)->find("stage 2") != std::string::npos;
    std::filesystem::remove(file);
    expect_same(!second);
    expect_same(true);
  }
}

}  // namespace
}  // namespace tileloom::driver
