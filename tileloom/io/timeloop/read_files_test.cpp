#include "tileloom/io/timeloop/read_files.hpp"

#include <gtest/gtest.h>

#include "tileloom/io/timeloop/write_mapping.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::io::timeloop;
using cost::timeloop::DimId;
using cost::timeloop::Factor;
using cost::timeloop::Mesh;
using cost::timeloop::SpaceId;

constexpr const char* kArchitecture = R"(architecture:
  version: 0.4
  nodes:
  - !Container
    name: system
  - !Component
    name: DRAM
    class: DRAM
    attributes: {width: 64, datawidth: 8}
  - !Component
    name: glb
    class: smartbuffer_SRAM
    attributes: &buffer
      depth: 1024
      width: 64
      datawidth: 8
      read_bandwidth: 16
    constraints:
      dataspace: {keep: [Inputs, Outputs], bypass: [Weights]}
  - !Container
    name: column
    spatial: {meshX: 4}
  - !Container
    name: PE
    spatial: {meshY: 3}
  - !Component
    name: spad
    class: regfile
    attributes: {depth: 64, block-size: 2, datawidth: 16, vector-access-energy: 0.5}
  - !Component
    name: mac
    class: intmac
    attributes: {datawidth: 8}
)";

constexpr const char* kProblem = R"(problem:
  version: 0.4
  shape:
    name: row
    dimensions: [R, P, K, C]
    coefficients:
    - {name: Wstride, default: 1}
    data_spaces:
    - name: Weights
      projection:
      - [ [K] ]
      - [ [C] ]
      - [ [R] ]
    - name: Inputs
      projection:
      - [ [C] ]
      - [ [R], [P, Wstride] ]
    - name: Outputs
      projection: [ [[K]], [[P]] ]
      read_write: True
  instance: {R: 3, P: 8, K: 12, C: 2, Wstride: 2}
)";

constexpr const char* kMapping = R"(mapping:
- {target: DRAM, type: temporal, factors: K=3, permutation: RPKC}
- target: glb
  type: spatial
  factors: [R=3, K=4]
  permutation: [K, R, P, C]
  split: 1
- target: glb
  type: temporal
  factors: P8, C 2
  permutation: CP
- {target: spad, type: bypass, keep: [Weights], bypass: [Inputs, Outputs]}
)";

Result<Files> read(const std::string& architecture, const std::string& problem = {},
                   const std::string& mapping = {}) {
  std::vector<NamedText> texts{{"a.yaml", architecture}};
  if (!problem.empty()) texts.push_back({"p.yaml", problem});
  if (!mapping.empty()) texts.push_back({"m.yaml", mapping});
  return read_texts(texts);
}

std::string mistakes(const std::string& architecture, const std::string& problem = {},
                     const std::string& mapping = {}) {
  const auto files = read(architecture, problem, mapping);
  return files ? "" : to_string(files.error());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TimeloopFiles, AnArchitectureOfNodesIsReadFromTheOutsideIn) {
  const auto files = read(kArchitecture);
  ASSERT_TRUE(files) << to_string(files.error());
  const cost::timeloop::Arch& arch = files->architecture->arch;
  ASSERT_EQ(arch.levels.size(), 3u);
  EXPECT_EQ(arch.levels[2].name, "DRAM");
  EXPECT_FALSE(arch.levels[2].reduces);
  EXPECT_EQ(arch.levels[2].block_size, 8);          // 64 bit / 8 bit
  EXPECT_EQ(arch.levels[2].vector_access_pj, 800);  // PAT: 200 · 64 / 16
  EXPECT_EQ(arch.levels[1].size_words, 8192);       // 1024 rows of 8 words
  EXPECT_EQ(arch.levels[1].bandwidth.read, 16);
  EXPECT_EQ(arch.levels[1].allowed, (std::vector<std::string>{"Inputs", "Outputs"}));
  EXPECT_EQ(arch.levels[1].mesh, (Mesh{1, 1}));
  EXPECT_EQ(arch.levels[0].mesh, (Mesh{4, 3}));
  EXPECT_EQ(arch.levels[0].size_words, 128);
  EXPECT_EQ(arch.levels[0].vector_access_pj, 0.5);
  EXPECT_EQ(arch.arithmetic.mesh, (Mesh{4, 3}));
  EXPECT_EQ(arch.arithmetic.mac_pj, 0.25);  // PAT: (8 / 16)²
}

TEST(TimeloopFiles, PatEnergyOfSimbasRegistersIsTheOneTimeloopPrints) {
  // 8 bit x 64 in one array: width 512 bit, 1/16 KB: (5/99.5 · (0.0625 − 0.5) + 1) · 32 / 64
  cost::timeloop::Level registers;
  registers.word_bits = 8;
  registers.cluster_size = 64;
  registers.size_words = 1;
  EXPECT_DOUBLE_EQ(pat_access_pj(registers), 0.4890075376884422);
}

TEST(TimeloopFiles, AnOlderSubtreeCountsInstancesByNameRanges) {
  const auto files = read(R"(architecture:
  version: 0.3
  subtree:
  - name: system
    local:
    - {name: DRAM, class: DRAM, attributes: {word-bits: 16}}
    subtree:
    - name: PE[0..15]
      local:
      - {name: RF, class: regfile, attributes: {entries: 32, meshX: 4}}
      - {name: MACC, class: intmac, attributes: {meshX: 4}}
)");
  ASSERT_TRUE(files) << to_string(files.error());
  const cost::timeloop::Arch& arch = files->architecture->arch;
  ASSERT_EQ(arch.levels.size(), 2u);
  EXPECT_EQ(arch.levels[0].name, "RF");
  EXPECT_EQ(arch.levels[0].mesh, (Mesh{4, 4}));
  EXPECT_EQ(arch.arithmetic.mesh, (Mesh{4, 4}));
}

TEST(TimeloopFiles, AProblemTakesCoefficientsFromItsInstance) {
  const auto files = read(kArchitecture, kProblem);
  ASSERT_TRUE(files) << to_string(files.error());
  const cost::timeloop::Problem& problem = *files->problem;
  EXPECT_EQ(problem.dims[DimId{2}].name, "K");
  EXPECT_EQ(problem.dims[DimId{2}].bound, 12);
  EXPECT_TRUE(problem.spaces[SpaceId{2}].is_output);
  ASSERT_EQ(problem.spaces[SpaceId{1}].ranks.size(), 2u);
  EXPECT_EQ(problem.spaces[SpaceId{1}].ranks[1],
            (cost::timeloop::Rank{{DimId{0}, 1}, {DimId{1}, 2}}));
}

TEST(TimeloopFiles, AMappingListsPermutationsInnermostFirst) {
  const auto files = read(kArchitecture, kProblem, kMapping);
  ASSERT_TRUE(files) << to_string(files.error());
  const auto& levels = files->mapping->levels;
  ASSERT_EQ(levels.size(), 3u);  // the containers have no loops of their own
  const Factor r{DimId{0}, 3};
  const Factor p{DimId{1}, 8};
  const Factor c{DimId{3}, 2};
  EXPECT_EQ(levels[2].temporal, (std::vector<Factor>{{DimId{2}, 3}}));
  EXPECT_EQ(levels[1].temporal, (std::vector<Factor>{p, c}));            // "CP": C innermost
  EXPECT_EQ(levels[1].spatial_x, (std::vector<Factor>{{DimId{2}, 4}}));  // the first place: K
  EXPECT_EQ(levels[1].spatial_y, (std::vector<Factor>{r}));
  EXPECT_EQ(levels[2].keep.size(), 3u);                                       // not said: all
  EXPECT_EQ(levels[1].keep, (std::vector<SpaceId>{SpaceId{1}, SpaceId{2}}));  // the architecture's
  EXPECT_EQ(levels[0].keep, (std::vector<SpaceId>{SpaceId{0}}));
}

TEST(TimeloopFiles, AFactorOfZeroIsTheWholeBound) {
  const auto files = read(kArchitecture, kProblem, replaced(kMapping, "P8, C 2", "P=0 C=0"));
  ASSERT_TRUE(files) << to_string(files.error());
  EXPECT_EQ(files->mapping->levels[1].temporal[0].count, 8);
}

TEST(TimeloopFiles, AContainerWithLoopsOfItsOwnBecomesALevelThatKeepsNothing) {
  const auto files = read(kArchitecture, kProblem, R"(mapping:
- {target: DRAM, type: temporal, factors: K=3}
- {target: glb, type: temporal, factors: P=8 C=2}
- {target: column, type: spatial, factors: K=4, split: 4}
- {target: inter_PE_spatial, type: spatial, factors: R=3, split: 0}
- {target: spad, type: datatype, keep: [Weights], bypass: [Inputs, Outputs]}
)");
  ASSERT_TRUE(files) << to_string(files.error());
  const auto& levels = files->mapped_arch.levels;
  ASSERT_EQ(levels.size(), 5u);
  EXPECT_EQ(levels[2].name, "inter_column_spatial");
  EXPECT_EQ(levels[2].mesh, (Mesh{1, 1}));
  EXPECT_EQ(levels[1].name, "inter_PE_spatial");
  EXPECT_EQ(levels[1].mesh, (Mesh{4, 1}));
  EXPECT_TRUE(files->mapping->levels[1].keep.empty());
  EXPECT_EQ(files->mapping->levels[1].spatial_y, (std::vector<Factor>{{DimId{0}, 3}}));
}

TEST(TimeloopFiles, AWrittenMappingIsReadBack) {
  const auto files = read(kArchitecture, kProblem, kMapping);
  ASSERT_TRUE(files) << to_string(files.error());
  const std::string text = write_mapping(files->mapped_arch, *files->problem, *files->mapping);
  const auto again = read(kArchitecture, kProblem, text);
  ASSERT_TRUE(again) << to_string(again.error()) << text;
  EXPECT_EQ(*again->mapping, *files->mapping) << text;
}

TEST(TimeloopFiles, TextThatIsNoTimeloopFile) {
  EXPECT_EQ(mistakes(""),
            "a.yaml: the file is empty: expected an architecture, a problem or a mapping\n");
  EXPECT_EQ(mistakes("- 1\n"),
            "a.yaml:1:1: this is not a Timeloop file: expected 'architecture:', 'problem:' or "
            "'mapping:'\n");
  EXPECT_EQ(mistakes("architecture: [1, 2\nproblem: }"),
            "a.yaml:2:8: not YAML: end of sequence flow not found: check indentation, colons and "
            "brackets before this place\n");
  EXPECT_EQ(mistakes("archtecture: {}\n"),
            "a.yaml:1:1: unknown key 'archtecture': did you mean 'architecture'?\n");
  EXPECT_EQ(mistakes("mapper: {}\n"),
            "a.yaml: no architecture, problem or mapping: expected one of these keys\n");
}

TEST(TimeloopFiles, MistakesOfAnArchitectureAreAllFound) {
  std::string text = replaced(kArchitecture, "depth: 64,", "depth: -64,");
  text = replaced(text, "datawidth: 8\n      read", "datawidt: 8\n      read");
  text = replaced(text, "width: 64, datawidth: 8", "width: 60, datawidth: 8");
  text = replaced(text, "read_bandwidth: 16", "read_bandwidth: 0");
  EXPECT_EQ(
      mistakes(text),
      "a.yaml:9:25: DRAM is 60 bits wide, its words take word_bits 8 x block_size 1 x "
      "cluster_size 1 = 8: the width must be their product; leave out what follows from it\n"
      "a.yaml:16:7: unknown key 'datawidt': did you mean 'datawidth'?\n"
      "a.yaml:17:23: read_bandwidth is '0', must be above 0: leave it out if there is no limit\n"
      "a.yaml:29:25: depth is '-64', expected an integer of at least 1: write a whole number "
      "without a unit\n");
}

TEST(TimeloopFiles, AMeshWiderThanItsInstancesIsRefused) {
  EXPECT_EQ(
      mistakes("architecture:\n  nodes:\n"
               "  - !Component {name: D, class: DRAM}\n"
               "  - !Component {name: B, class: SRAM, attributes: {meshX: 4}}\n"
               "  - !Component {name: M, class: mac, attributes: {instances: 6, meshX: 4}}\n"),
      "a.yaml:4:59: 1 instances do not form a mesh of 4 x any: instances must be meshX times "
      "meshY\n"
      "a.yaml:5:62: 6 instances do not form a mesh of 4 x any: instances must be meshX times "
      "meshY\n");
}

TEST(TimeloopFiles, MistakesOfAProblemAreAllFound) {
  std::string text = replaced(kProblem, "K: 12, C: 2", "K: 0");
  text = replaced(text, "[P, Wstride]", "[Q, Wstrid]");
  text = replaced(text, "read_write: True", "read_write: perhaps");
  EXPECT_EQ(mistakes(kArchitecture, text),
            "p.yaml:21:29: K is '0', expected an integer of at least 1: write a whole number "
            "without a unit\n"
            "p.yaml:21:13: no bound for dimension 'C': add 'C: ' and its size to the instance\n"
            "p.yaml:17:17: unknown dimension 'Q': known: R, P, K, C\n"
            "p.yaml:17:20: unknown coefficient 'Wstrid': did you mean 'Wstride'?\n"
            "p.yaml:20:19: read_write is 'perhaps', expected true or false: write one of the two\n"
            "p.yaml:9:5: 0 data spaces are written: give exactly one of them 'read_write: true'\n");
}

TEST(TimeloopFiles, MistakesOfAMappingAreAllFound) {
  std::string text = replaced(kMapping, "target: DRAM", "target: DRAN");
  text = replaced(text, "[K, R, P, C]", "[K, R, X]");
  text = replaced(text, "[R=3, K=4]", "[R=3, K=x]");
  text = replaced(text, "keep: [Weights]", "keep: [Weigths]");
  EXPECT_EQ(mistakes(kArchitecture, kProblem, text),
            "m.yaml:2:12: unknown target 'DRAN': did you mean 'DRAM'?\n"
            "m.yaml:5:18: the factor of K is 'x', expected an integer of at least 0: 0 stands for "
            "the whole bound\n"
            "m.yaml:6:23: unknown dimension 'X': known: R, P, K, C\n"
            "m.yaml:12:39: unknown data space 'Weigths': did you mean 'Weights'?\n");
}

TEST(TimeloopFiles, AMappingThatDoesNotFitIsRefused) {
  EXPECT_EQ(mistakes(kArchitecture, kProblem, replaced(kMapping, "K=4", "K=6")),
            "m.yaml:2:1: the factors of K multiply to 18, its bound is 12: change a factor of this "
            "dimension: the profile has no partial tiles\n"
            "m.yaml:2:1: glb uses 6 children along X, it has 4: lower the spatial factors of this "
            "level\n");
  EXPECT_EQ(mistakes(kMapping),
            "a.yaml:2:1: the mapping needs an architecture and a problem: give their files too\n");
}

TEST(TimeloopFiles, NestedAnchorsDoNotExhaustTheMachine) {
  std::string text = "variables:\n  a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  std::string last = "a";
  for (const char* name : {"b", "c", "d", "e", "f", "g", "h"}) {
    text += std::string("  ") + name + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) text += (i > 0 ? ", *" : "*") + last;
    text += "]\n";
    last = name;
  }
  EXPECT_NE(mistakes(text).find("more than 200000 nodes"), std::string::npos);
}

}  // namespace
