// Every mapping of the carried Timeloop figures survives the way to Timeloop's YAML and back, and
// the way to Tileloom's nouns and back.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "carried_figures.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/io/timeloop/read_mapping.hpp"
#include "tileloom/io/timeloop/write_mapping.hpp"
#include "tileloom/loop_tree/check.hpp"

namespace {

using namespace tileloom;
namespace model = cost::timeloop;

void drop_single(std::vector<model::Factor>& factors) {
  std::erase_if(factors, [](const model::Factor& factor) { return factor.count == 1; });
}

/// Without loops of one iteration, and with what is kept in order.
model::Mapping plain(model::Mapping mapping) {
  for (model::LevelMapping& level : mapping.levels) {
    drop_single(level.temporal);
    drop_single(level.spatial_x);
    drop_single(level.spatial_y);
    std::sort(level.keep.begin(), level.keep.end());
  }
  return mapping;
}

TEST_F(CarriedFigures, AMappingWrittenAsYamlIsReadBack) {
  for (const auto& item : reference_.cases) {
    const model::Arch& arch = reference_.archs.at(item.arch);
    const model::Problem& problem = reference_.problems.at(item.problem);
    const std::string text = io::timeloop::write_mapping(arch, problem, item.mapping);
    io::timeloop::Reading reading;
    const auto root = io::timeloop::parse_document(text, "m.yaml", reading.mistakes());
    ASSERT_TRUE(root) << to_string(reading.mistakes());
    const model::Mapping again =
        io::timeloop::read_mapping(*io::timeloop::find(*root, "mapping"), arch, problem, reading);
    EXPECT_TRUE(reading.mistakes().empty()) << to_string(reading.mistakes());
    EXPECT_EQ(plain(again), plain(item.mapping)) << item.id << "\n" << text;
  }
}

TEST_F(CarriedFigures, AMappingAsALoopTreeGivesTheSameCountsBack) {
  for (const auto& item : reference_.cases) {
    const model::Arch& arch = reference_.archs.at(item.arch);
    const model::Problem& problem = reference_.problems.at(item.problem);
    model::Reasons notes;
    const Architecture machine = model::architecture_of(arch, &problem, notes);
    const auto workload = model::workload_of(problem, {});
    ASSERT_TRUE(workload) << item.id;
    const LoopTree tree = model::tree_of(arch, problem, item.mapping, machine);
    const auto leaf = leaf_paths(tree).at(0);
    const auto nouns =
        model::nouns_from(*workload, workload->operators[leaf.op], machine, leaf.path);
    ASSERT_TRUE(nouns) << item.id << ": " << nouns.error().at(0);
    const model::Stats before = model::evaluate(arch, problem, item.mapping);
    const model::Stats after = model::evaluate(nouns->arch, nouns->problem, nouns->mapping);
    EXPECT_EQ(after.cycles, before.cycles) << item.id;
    EXPECT_EQ(after.mac.computes, before.mac.computes) << item.id;
    for (std::size_t s = 0; s < arch.levels.size(); ++s)
      for (std::size_t v = 0; v < problem.spaces.size(); ++v) {
        const auto& a = after.levels[s].spaces[static_cast<model::SpaceId>(v)];
        const auto& b = before.levels[s].spaces[static_cast<model::SpaceId>(v)];
        EXPECT_EQ(a.kept, b.kept) << item.id;
        EXPECT_EQ(a.reads, b.reads) << item.id << " " << arch.levels[s].name;
        EXPECT_EQ(a.fills, b.fills) << item.id << " " << arch.levels[s].name;
        EXPECT_EQ(a.updates, b.updates) << item.id << " " << arch.levels[s].name;
      }
  }
}

}  // namespace
