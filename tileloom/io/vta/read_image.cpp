#include "tileloom/io/vta/read_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "tileloom/io/json_text.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"
#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::io::vta {
namespace {

namespace fs = std::filesystem;
using namespace target::vta;

/// A key of the "config" object and what it sets. LOG_BLOCK sets both sides of the GEMM core; where
/// they differ, an image of ours names each.
struct ConfigKey {
  const char* name;
  int Config::*field;
};
constexpr std::array<ConfigKey, 11> kConfigKeys{{{"LOG_INP_WIDTH", &Config::log_inp_width},
                                                 {"LOG_WGT_WIDTH", &Config::log_wgt_width},
                                                 {"LOG_ACC_WIDTH", &Config::log_acc_width},
                                                 {"LOG_BATCH", &Config::log_batch},
                                                 {"LOG_BLOCK", nullptr},
                                                 {"LOG_BLOCK_IN", &Config::log_block_in},
                                                 {"LOG_BLOCK_OUT", &Config::log_block_out},
                                                 {"LOG_UOP_BUFF_SIZE", &Config::log_uop_buff_size},
                                                 {"LOG_INP_BUFF_SIZE", &Config::log_inp_buff_size},
                                                 {"LOG_WGT_BUFF_SIZE", &Config::log_wgt_buff_size},
                                                 {"LOG_ACC_BUFF_SIZE", &Config::log_acc_buff_size}}};

class ImageReader {
 public:
  ImageReader(const JsonText& json, const FileReader& read)
      : json_(json), reading_(json), read_(read) {}

  Result<Image> read() {
    const Node root = reading_.root();
    check_header(root);
    check_keys(root, {"format", "version", "config", "program", "regions", "outputs", "expect"});
    if (const auto config = reading_.optional_member(root, "config")) read_config(*config);
    if (reading_.mistakes().empty()) read_program(reading_.member(root, "program"));
    for (const Node& node : reading_.items(reading_.member(root, "regions"))) read_region(node);
    if (const auto outputs = reading_.optional_member(root, "outputs")) {
      for (const Node& node : reading_.items(*outputs)) read_output(node);
    }
    if (const auto expected = reading_.optional_member(root, "expect")) {
      for (const Node& node : reading_.items(*expected)) read_expectation(node);
    }
    Diagnostics mistakes = reading_.mistakes();
    mistakes.insert(mistakes.end(), others_.begin(), others_.end());
    if (!mistakes.empty()) return tl::unexpected(mistakes);
    return std::move(image_);
  }

 private:
  void check_header(const Node& root) {
    const Node format = reading_.member(root, "format");
    if (const std::string name = reading_.string(format);
        name != "vta-program-image" && format.value->is_string()) {
      reading_.mistake(format, fmt::format("the format is '{}'", name),
                       "expected \"vta-program-image\"");
    }
    const Node version = reading_.member(root, "version");
    if (!version.value->is_null() && *version.value != 1) {
      reading_.mistake(version, fmt::format("version {} is unknown", version.value->dump()),
                       "this reader knows version 1");
    }
  }

  void check_keys(const Node& object, const std::vector<std::string>& known) {
    if (!object.value->is_object()) return;
    for (const auto& [key, node] : reading_.members(object)) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      reading_.mistake(node, fmt::format("unknown key \"{}\"", key), suggestion(key, known));
    }
  }

  /// A number, or a text that strtoull reads with base 0.
  std::int64_t number(const Node& node) {
    if (!node.value->is_string()) return reading_.non_negative_integer(node);
    const std::string text = node.value->get<std::string>();
    char* end = nullptr;
    errno = 0;
    const unsigned long long value = std::strtoull(text.c_str(), &end, 0);
    if (text.empty() || text.find('-') != std::string::npos || *end != '\0' || errno != 0 ||
        value > INT64_MAX) {
      reading_.mistake(node, fmt::format("cannot read \"{}\" as a number", text),
                       "write an integer, or a text such as \"0x1000\"");
      return 0;
    }
    return static_cast<std::int64_t>(value);
  }

  std::int64_t optional_number(const Node& object, const char* key, std::int64_t otherwise) {
    const auto node = reading_.optional_member(object, key);
    return node ? number(*node) : otherwise;
  }

  void read_config(const Node& node) {
    std::vector<std::string> names;
    for (const ConfigKey& key : kConfigKeys) names.emplace_back(key.name);
    check_keys(node, names);
    for (const ConfigKey& key : kConfigKeys) {
      const auto value = reading_.optional_member(node, key.name);
      if (!value) continue;
      const int log2 = static_cast<int>(std::min<std::int64_t>(number(*value), 1000));
      if (key.field != nullptr) {
        image_.config.*key.field = log2;
      } else {
        image_.config.log_block_in = image_.config.log_block_out = log2;
      }
    }
    if (!reading_.mistakes().empty()) return;
    for (const std::string& why : unsupported(image_.config)) {
      reading_.mistake(node, why, "give a configuration that can exist");
    }
  }

  fs::path beside(const std::string& file) const { return fs::path(json_.file).parent_path() / file; }

  /// The content of the file that `node` names.
  std::optional<std::string> file(const Node& node) {
    const std::string name = reading_.string(node);
    if (name.empty()) return std::nullopt;
    Result<std::string> bytes = read_(name);
    if (bytes) return std::move(*bytes);
    for (const Diagnostic& mistake : bytes.error()) {
      reading_.mistake(node, fmt::format("file \"{}\": {}", name, mistake.what), mistake.hint);
    }
    return std::nullopt;
  }

  void read_program(const Node& node) {
    check_keys(node, {"file", "count"});
    const Node name = reading_.member(node, "file");
    const std::optional<std::string> bytes = file(name);
    if (!bytes) return;
    const auto size = static_cast<std::int64_t>(bytes->size());
    if (size % kInstructionBytes != 0) {
      reading_.mistake(name,
                       fmt::format("the program has {} bytes, no multiple of {}", size,
                                   kInstructionBytes),
                       "the file is truncated or no program");
    }
    if (const auto count = reading_.optional_member(node, "count")) {
      const std::int64_t said = number(*count);
      if (said != size / kInstructionBytes) {
        reading_.mistake(*count,
                         fmt::format("count is {}, but the file has {} instructions", said,
                                     size / kInstructionBytes),
                         "the file is truncated or the count is wrong");
      }
    }
    const std::vector<Word128> words = words_of(*bytes);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto instruction = decode(image_.config, words[i]);
      if (instruction) {
        image_.program.push_back(*instruction);
        continue;
      }
      others_.push_back({{beside(name.value->get<std::string>()).string(), 0, 0},
                         fmt::format("insn {}: {}", i, instruction.error()),
                         fmt::format("the words are {:#018x} {:#018x}", words[i].low,
                                     words[i].high)});
    }
  }

  void read_region(const Node& node) {
    check_keys(node, {"name", "address", "size", "file", "fill"});
    Region region;
    const Node name = reading_.member(node, "name");
    region.name = reading_.string(name);
    if (find_region(image_, region.name) != nullptr && name.value->is_string()) {
      reading_.mistake(name, fmt::format("a second region called \"{}\"", region.name),
                       "names must be unique");
    }
    region.address = number(reading_.member(node, "address"));
    const Node size = reading_.member(node, "size");
    region.size = number(size);
    constexpr std::int64_t kMost = std::int64_t{3} << 30;
    if (region.size > kMost || region.address > (std::int64_t{1} << 40)) {
      reading_.mistake(size, "the region exceeds the memory of 3 GiB", "use a smaller region");
      region.size = 0;
    }
    if (const auto fill = reading_.optional_member(node, "fill")) {
      const std::int64_t value = number(*fill);
      if (value > 255) reading_.mistake(*fill, fmt::format("{} is no byte", value), "give 0..255");
      region.fill = static_cast<unsigned char>(value);
    }
    if (const auto content = reading_.optional_member(node, "file")) {
      region.content = file(*content).value_or("");
      if (static_cast<std::int64_t>(region.content.size()) > region.size) {
        reading_.mistake(*content,
                         fmt::format("the file has {} bytes, the region {}", region.content.size(),
                                     region.size),
                         "make the region larger or the file shorter");
      }
    }
    image_.regions.push_back(std::move(region));
  }

  /// The region that `node`'s "region" names, or null after a mistake.
  const Region* region_of(const Node& node) {
    const Node name = reading_.member(node, "region");
    const Region* region = find_region(image_, reading_.string(name));
    if (region == nullptr && name.value->is_string()) {
      std::vector<std::string> names;
      for (const Region& known : image_.regions) names.push_back(known.name);
      reading_.mistake(name, fmt::format("no region is called \"{}\"", reading_.string(name)),
                       suggestion(reading_.string(name), names));
    }
    return region;
  }

  void check_inside(const Node& node, const Region& region, std::int64_t offset,
                    std::int64_t size) {
    if (offset <= region.size && size <= region.size - offset) return;
    reading_.mistake(node,
                     fmt::format("{} bytes from {} on exceed region {} of {} bytes", size, offset,
                                 region.name, region.size),
                     "choose a smaller offset or size");
  }

  void read_output(const Node& node) {
    check_keys(node, {"region", "file", "offset", "size"});
    const Region* region = region_of(node);
    OutputFile output;
    output.file = reading_.string(reading_.member(node, "file"));
    output.offset = optional_number(node, "offset", 0);
    if (region == nullptr) return;
    output.region = region->name;
    output.size =
        optional_number(node, "size", std::max<std::int64_t>(0, region->size - output.offset));
    check_inside(node, *region, output.offset, output.size);
    image_.outputs.push_back(std::move(output));
  }

  void read_expectation(const Node& node) {
    check_keys(node, {"region", "file", "offset"});
    const Region* region = region_of(node);
    const Node name = reading_.member(node, "file");
    std::optional<std::string> content = file(name);
    const std::int64_t offset = optional_number(node, "offset", 0);
    if (region == nullptr || !content) return;
    check_inside(node, *region, offset, static_cast<std::int64_t>(content->size()));
    image_.expected.push_back(
        {region->name, name.value->get<std::string>(), offset, std::move(*content)});
  }

  const JsonText& json_;
  Reading reading_;
  const FileReader& read_;
  Diagnostics others_;  ///< of the program's file
  Image image_;
};

}  // namespace

Result<Image> read_image(const std::string& path) {
  std::error_code ignored;
  const std::string file =
      fs::is_directory(path, ignored) ? (fs::path(path) / "image.json").string() : path;
  const Result<std::string> text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  return parse_image(*text, file, [&](const std::string& name) {
    return read_file((fs::path(file).parent_path() / name).string());
  });
}

Result<Image> parse_image(const std::string& text, const std::string& file,
                          const FileReader& read) {
  const Result<JsonText> json = parse_json(file, text);
  if (!json) return tl::unexpected(json.error());
  return ImageReader(*json, read).read();
}

}  // namespace tileloom::io::vta
