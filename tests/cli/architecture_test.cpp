// The verbs about architectures, as a user meets them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

TEST(Inspect, AnArchitectureByNameWithItsFiguresAndSources) {
  const Folder folder;
  const Output run = folder.tileloom({"inspect", "simba", "--json", "simba.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("simba: 1024 lanes"), std::string::npos) << run.out;
  const auto json = nlohmann::json::parse(folder.read("simba.json"));
  EXPECT_EQ(json["lanes"], 1024);
  EXPECT_EQ(json["memories"].size(), 6U);
}

TEST(Inspect, EveryMistakeInAFileOfTheUser) {
  const Folder folder;
  folder.write("mine.yaml", "nam: mine\nsource: me\nmachine:\n  - memory: M\n    energy: 1\n");
  const Output run = folder.tileloom({"inspect", "mine.yaml"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "mine.yaml:1:1: the architecture has no 'name': add 'name: my-accelerator'\n"
            "mine.yaml:1:1: unknown key 'nam' in the architecture: did you mean 'name'?\n"
            "mine.yaml:4:3: the machine has no compute unit: end the list with '- compute: mac'\n"
            "mine.yaml:5:13: 'energy' is '1' without a unit: write such as '0.25 pJ'\n");
}

TEST(Inspect, AnUnknownArchitectureGetsTheNearestOne) {
  const Output run = Folder().tileloom({"inspect", "simbaa"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err, "unknown architecture 'simbaa': did you mean 'simba'?\n");
}

TEST(Inspect, JsonThatCannotBeWritten) {
  const Output run = Folder().tileloom({"inspect", "unit", "--json", "/proc/no/unit.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "/proc/no/unit.json: cannot write: No such file or directory: choose a folder that can "
            "be written\n");
}

TEST(List, NamesTheShippedArchitectures) {
  const Folder folder;
  const Output run = folder.tileloom({"list", "architectures", "--json", "list.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* name : {"unit", "simba", "eyeriss", "nvdla", "tpu_v1", "mlu100", "vta"}) {
    EXPECT_NE(run.out.find(std::string(name) + " "), std::string::npos) << name;
  }
  const auto json = nlohmann::json::parse(folder.read("list.json"));
  EXPECT_EQ(json["schema"], "tileloom.list/1");
  EXPECT_GE(json["architectures"].size(), 19U);
}

TEST(List, MappersAndObjectivesThatScheduleAccepts) {
  EXPECT_NE(Folder().tileloom({"list", "mappers"}).out.find("random "), std::string::npos);
  EXPECT_NE(Folder().tileloom({"list", "objectives"}).out.find("edp "), std::string::npos);
  const Output wrong = Folder().tileloom({"list", "mapers"});
  EXPECT_EQ(wrong.code, 2);
}

TEST(List, EveryEnergyFigureWithItsSource) {
  const Output run = Folder().tileloom({"list", "energies"});
  EXPECT_EQ(run.code, 0);
  EXPECT_NE(run.out.find("sram of 8192 B: 10 pJ per 64 bit; M. Horowitz"), std::string::npos)
      << run.out;
}

}  // namespace
