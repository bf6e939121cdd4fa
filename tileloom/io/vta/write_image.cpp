#include "tileloom/io/vta/write_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::io::vta {
namespace {

using namespace target::vta;
using Json = nlohmann::ordered_json;

/// How files are called whose names an archive cannot hold, or that have their name from another.
constexpr std::string_view kOwnNames = "file-";
constexpr std::string_view kHostFile = "host.json";  ///< of a program beside its image

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

Json region_json(const Region& region, const std::string& file) {
  Json json{{"name", region.name},
            {"address", fmt::format("{:#x}", region.address)},
            {"size", region.size}};
  if (!file.empty()) json["file"] = file;
  if (region.fill) json["fill"] = *region.fill;
  return json;
}

}  // namespace

std::string add_file(NamedFiles& files, const std::string& name, std::string content) {
  constexpr std::size_t kLongestName = 100;
  const bool taken = name == kHostFile || std::any_of(files.begin(), files.end(),
                                 [&](const auto& file) { return file.first == name; });
  const bool usable = !taken && !name.empty() && name.size() <= kLongestName &&
                      name.find('\0') == std::string::npos && !name.starts_with(kOwnNames);
  files.emplace_back(usable ? name : fmt::format("{}{}.bin", kOwnNames, files.size()),
                     std::move(content));
  return files.back().first;
}

NamedFiles image_files(const Image& image) {
  NamedFiles files{{"program.bin", ""}, {"image.json", ""}};
  Json json{{"format", "vta-program-image"}, {"version", 1}, {"config", config_json(image.config)}};
  std::vector<Word128> words;
  for (const Instruction& instruction : image.program) {
    words.push_back(encode(image.config, instruction));
  }
  json["program"] = {{"file", "program.bin"}, {"count", words.size()}};
  files[0].second = to_bytes(words);
  json["regions"] = Json::array();
  for (const Region& region : image.regions) {
    const std::string file =
        region.content.empty() ? "" : add_file(files, region.name + ".bin", region.content);
    json["regions"].push_back(region_json(region, file));
  }
  for (const OutputFile& output : image.outputs) {
    json["outputs"].push_back({{"region", output.region},
                               {"file", output.file},
                               {"offset", output.offset},
                               {"size", output.size}});
  }
  for (const Expectation& expected : image.expected) {
    const std::string file = add_file(files, expected.file, expected.content);
    json["expect"].push_back(
        {{"region", expected.region}, {"file", file}, {"offset", expected.offset}});
  }
  files[1].second = json.dump(1) + "\n";
  return files;
}

}  // namespace tileloom::io::vta
