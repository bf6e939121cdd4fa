#include "tileloom/io/vta/write_image.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/target/vta/encode.hpp"

namespace tileloom::io::vta {
namespace {

using namespace target::vta;
using Json = nlohmann::ordered_json;

Json config_json(const Config& config) {
  Json json{{"LOG_INP_WIDTH", config.log_inp_width},
            {"LOG_WGT_WIDTH", config.log_wgt_width},
            {"LOG_ACC_WIDTH", config.log_acc_width},
            {"LOG_BATCH", config.log_batch}};
  if (config.log_block_in == config.log_block_out) {
    json["LOG_BLOCK"] = config.log_block_in;
  } else {
    json["LOG_BLOCK_IN"] = config.log_block_in;
    json["LOG_BLOCK_OUT"] = config.log_block_out;
  }
  json["LOG_UOP_BUFF_SIZE"] = config.log_uop_buff_size;
  json["LOG_INP_BUFF_SIZE"] = config.log_inp_buff_size;
  json["LOG_WGT_BUFF_SIZE"] = config.log_wgt_buff_size;
  json["LOG_ACC_BUFF_SIZE"] = config.log_acc_buff_size;
  return json;
}

Json region_json(const Region& region) {
  Json json{{"name", region.name},
            {"address", fmt::format("{:#x}", region.address)},
            {"size", region.size}};
  if (!region.content.empty()) json["file"] = region.name + ".bin";
  if (region.fill) json["fill"] = *region.fill;
  return json;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> image_files(const Image& image) {
  std::vector<std::pair<std::string, std::string>> files;
  Json json{{"format", "vta-program-image"}, {"version", 1}, {"config", config_json(image.config)}};
  std::vector<Word128> words;
  for (const Instruction& instruction : image.program) {
    words.push_back(encode(image.config, instruction));
  }
  json["program"] = {{"file", "program.bin"}, {"count", words.size()}};
  files.emplace_back("program.bin", to_bytes(words));
  json["regions"] = Json::array();
  for (const Region& region : image.regions) {
    json["regions"].push_back(region_json(region));
    if (!region.content.empty()) files.emplace_back(region.name + ".bin", region.content);
  }
  for (const OutputFile& output : image.outputs) {
    json["outputs"].push_back({{"region", output.region},
                               {"file", output.file},
                               {"offset", output.offset},
                               {"size", output.size}});
  }
  for (const Expectation& expected : image.expected) {
    json["expect"].push_back(
        {{"region", expected.region}, {"file", expected.file}, {"offset", expected.offset}});
    files.emplace_back(expected.file, expected.content);
  }
  files.emplace_back("image.json", json.dump(1) + "\n");
  return files;
}

}  // namespace tileloom::io::vta
