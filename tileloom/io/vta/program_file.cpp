#include "tileloom/io/vta/program_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "tileloom/io/json_text.hpp"
#include "tileloom/io/vta/archive.hpp"
#include "tileloom/io/vta/read_image.hpp"
#include "tileloom/io/vta/write_image.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/little_endian.hpp"

namespace tileloom::io::vta {
namespace {

using namespace target::vta;
using OrderedJson = nlohmann::ordered_json;

/// Of host.json. 3: tensors have a `map` of runs instead of a `table` of elements.
constexpr int kVersion = 3;

constexpr const char* kWriteAgain = "write the program again with 'tileloom compile'";

/// The numbers of a run, in the order of the file.
constexpr std::int64_t BlockRun::*kRunFields[] = {&BlockRun::place,        &BlockRun::place_step,
                                                  &BlockRun::element,      &BlockRun::element_step,
                                                  &BlockRun::count,        &BlockRun::pattern};

/// Lanes, number of patterns, their offsets, then the runs: 64-bit integers.
std::string map_bytes(const ElementMap& map) {
  std::string bytes;
  append_little_endian(bytes, map.lanes);
  append_little_endian(bytes, static_cast<std::int64_t>(map.offsets.size()) / map.lanes);
  for (const std::int64_t offset : map.offsets) append_little_endian(bytes, offset);
  for (const BlockRun& run : map.runs) {
    for (const auto field : kRunFields) append_little_endian(bytes, run.*field);
  }
  return bytes;
}

/// The map of a region of `size` bytes; nothing if the file's length does not go with its counts.
std::optional<ElementMap> map_of(const std::string& bytes, std::int64_t size) {
  std::vector<std::int64_t> numbers(bytes.size() / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = little_endian<std::int64_t>(bytes, 8 * i);
  }
  if (bytes.size() % 8 != 0 || numbers.size() < 2) return std::nullopt;
  ElementMap map{.bytes = size, .lanes = numbers[0]};
  std::int64_t offsets = 0;
  const auto rest = static_cast<std::int64_t>(numbers.size()) - 2;
  if (map.lanes < 1 || numbers[1] < 0 || __builtin_mul_overflow(map.lanes, numbers[1], &offsets) ||
      offsets > rest || (rest - offsets) % std::ssize(kRunFields) != 0) {
    return std::nullopt;
  }
  map.offsets.assign(numbers.begin() + 2, numbers.begin() + 2 + offsets);
  for (auto number = numbers.begin() + 2 + offsets; number != numbers.end();) {
    BlockRun& run = map.runs.emplace_back();
    for (const auto field : kRunFields) run.*field = *number++;
  }
  return map;
}

/// What host.json says of a program.
struct Host {
  std::vector<HostTensor> tensors;
  std::vector<LayerSpan> layers;
  TimingOptions timing;
};

/// Reads host.json out of an archive.
class HostReader {
 public:
  HostReader(const JsonText& json, const Image& image, const FileReader& read)
      : reading_(json), image_(image), read_(read) {}

  Result<Host> read() {
    check_version();
    if (!reading_.mistakes().empty()) return tl::unexpected(reading_.mistakes());
    Host host;
    for (const Node& node : reading_.items(reading_.member(reading_.root(), "tensors"))) {
      host.tensors.push_back(read_tensor(node));
    }
    std::int64_t begin = 0;
    const std::optional<Node> layers = reading_.optional_member(reading_.root(), "layers");
    for (const Node& node : layers ? reading_.items(*layers) : std::vector<Node>{}) {
      host.layers.push_back(read_layer(node, begin));
      begin = host.layers.back().end;
    }
    if (const auto timing = reading_.optional_member(reading_.root(), "timing")) {
      read_timing(*timing, host.timing);
    }
    if (!reading_.mistakes().empty()) return tl::unexpected(reading_.mistakes());
    return host;
  }

 private:
  void check_version() {
    const Node version = reading_.member(reading_.root(), "version");
    if (version.value->is_null() || *version.value == kVersion) return;
    reading_.mistake(version, fmt::format("version {} of the program's format, not {}",
                                          version.value->dump(), kVersion),
                     kWriteAgain);
  }

  void read_timing(const Node& node, TimingOptions& timing) {
    for (const TimingFigure& figure : kTimingFigures) {
      const Node value = reading_.member(node, figure.name);
      const std::int64_t number = reading_.non_negative_integer(value);
      if (number < figure.least || number > kMostTimingFigure) {
        reading_.mistake(value, fmt::format("{} is {}, must lie in {}..{}", figure.name, number,
                                            figure.least, kMostTimingFigure),
                         kWriteAgain);
      }
      timing.*figure.value = number;
    }
  }

  /// Layers follow each other without gaps.
  LayerSpan read_layer(const Node& node, std::int64_t begin) {
    LayerSpan layer{reading_.string(reading_.member(node, "name")),
                    reading_.string(reading_.member(node, "kind")), begin, begin, 0, 0};
    layer.multiplications =
        reading_.non_negative_integer(reading_.member(node, "multiplications"));
    layer.sum_steps = reading_.non_negative_integer(reading_.member(node, "sum_steps"));
    const Node count = reading_.member(node, "instructions");
    const std::int64_t instructions = reading_.positive_integer(count);
    const auto all = static_cast<std::int64_t>(image_.program.size());
    if (instructions <= all - begin) {
      layer.end += instructions;
    } else {
      reading_.mistake(count, fmt::format("the layers have more than the program's {} instructions",
                                          all),
                       kWriteAgain);
    }
    return layer;
  }

  HostTensor read_tensor(const Node& node) {
    HostTensor tensor;
    tensor.name = reading_.string(reading_.member(node, "name"));
    tensor.output = reading_.boolean(reading_.member(node, "output"));
    std::int64_t elements = 1;
    const Node shape = reading_.member(node, "shape");
    for (const Node& size : reading_.items(shape)) {
      tensor.shape.push_back(reading_.positive_integer(size));
      if (__builtin_mul_overflow(elements, tensor.shape.back(), &elements)) elements = INT64_MAX;
    }
    if (elements > INT32_MAX) {
      reading_.mistake(shape, fmt::format("{} has more than {} elements", tensor.name, INT32_MAX),
                       kWriteAgain);
    }
    const Node region = reading_.member(node, "region");
    tensor.region = reading_.string(region);
    const Region* found = find_region(image_, tensor.region);
    if (found == nullptr) {
      reading_.mistake(region, fmt::format("no region is called \"{}\"", tensor.region),
                       "name a region of image.json");
      return tensor;
    }
    const Node file = reading_.member(node, "map");
    const Result<std::string> bytes = read_(reading_.string(file));
    std::optional<ElementMap> map = bytes ? map_of(*bytes, found->size) : std::nullopt;
    if (!map) {
      reading_.mistake(file, "the map is missing or cut off",
                       kWriteAgain);
    } else if (const auto wrong = violation(*map, found->size, elements)) {
      reading_.mistake(file, *wrong, kWriteAgain);
    } else {
      tensor.map = std::move(*map);
    }
    return tensor;
  }

  Reading reading_;
  const Image& image_;
  const FileReader& read_;
};

}  // namespace

Result<Program> parse_program(const std::string& bytes, const std::string& path) {
  const Result<Files> files = from_archive(bytes, path);
  if (!files) return tl::unexpected(files.error());
  const FileReader read = [&](const std::string& name) -> Result<std::string> {
    for (const auto& [known, content] : *files) {
      if (known == name) return content;
    }
    return mistake({path, 0, 0}, fmt::format("the program has no file {}", name),
                   "write it again with 'tileloom compile'");
  };
  const Result<std::string> text = read("image.json");
  const Result<std::string> host = read("host.json");
  if (!text) return tl::unexpected(text.error());
  if (!host) return tl::unexpected(host.error());
  Result<Image> image = parse_image(*text, path + "/image.json", read);
  if (!image) return tl::unexpected(image.error());
  const Result<JsonText> json = parse_json(path + "/host.json", *host);
  if (!json) return tl::unexpected(json.error());
  Result<Host> ends = HostReader(*json, *image, read).read();
  if (!ends) return tl::unexpected(ends.error());
  return Program{std::move(*image), std::move(ends->tensors), std::move(ends->layers),
                 ends->timing};
}

std::string program_bytes(const Program& program) {
  Files files = image_files(program.image);
  OrderedJson tensors = OrderedJson::array();
  for (const HostTensor& tensor : program.tensors) {
    const std::string file = add_file(files, tensor.region + ".map.bin", map_bytes(tensor.map));
    tensors.push_back({{"name", tensor.name},
                       {"output", tensor.output},
                       {"shape", tensor.shape},
                       {"region", tensor.region},
                       {"map", file}});
  }
  OrderedJson layers = OrderedJson::array();
  for (const LayerSpan& layer : program.layers) {
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"instructions", layer.end - layer.begin},
                      {"multiplications", layer.multiplications},
                      {"sum_steps", layer.sum_steps}});
  }
  OrderedJson timing = OrderedJson::object();
  for (const TimingFigure& figure : kTimingFigures) {
    timing[figure.name] = program.timing.*figure.value;
  }
  files.emplace_back("host.json", OrderedJson{{"format", "tileloom-vta-program"},
                                              {"version", kVersion},
                                              {"tensors", std::move(tensors)},
                                              {"layers", std::move(layers)},
                                              {"timing", std::move(timing)}}
                                          .dump(1) +
                                      "\n");
  return to_archive(files);
}

Result<Program> read_program(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    const Result<std::string> bytes = read_file(path);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::size_t first = bytes->find_first_not_of(" \t\r\n");
    const bool json = first == std::string::npos || (*bytes)[first] == '{';
    if (!json) return parse_program(*bytes, path);
  }
  Result<Image> image = read_image(path);
  if (!image) return tl::unexpected(image.error());
  return Program{std::move(*image), {}, {}, {}};
}

}  // namespace tileloom::io::vta
