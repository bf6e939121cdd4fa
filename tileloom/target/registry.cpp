#include "tileloom/target/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <string_view>
#include <vector>

#include "tileloom/support/nearest.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"

namespace tileloom::target {
namespace {

/// "16KiB" → 14, the logarithm of its bytes; nothing unless it is a power of two.
std::optional<int> log_of_size(std::string_view text) {
  std::int64_t bytes = 0;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  const std::string_view unit = text.substr(static_cast<std::size_t>(after - text.data()));
  const int shift = unit == "KiB" ? 10 : (unit == "MiB" ? 20 : 0);
  const bool known = shift > 0 || unit.empty() || unit == "B";
  if (error != std::errc() || !known || bytes < 1 || bytes > (1 << 28) ||
      !std::has_single_bit(static_cast<std::uint64_t>(bytes))) {
    return std::nullopt;
  }
  return std::countr_zero(static_cast<std::uint64_t>(bytes)) + shift;
}

/// "inp=16KiB" into the configuration.
void set_buffer(const std::string& item, vta::Config& config, Diagnostics& mistakes) {
  const std::size_t equals = item.find('=');
  const std::string name = item.substr(0, equals);
  std::vector<std::string> known;
  for (const vta::Buffer& buffer : vta::kBuffers) {
    known.emplace_back(buffer.name);
    if (name != buffer.name) continue;
    const auto log = log_of_size(std::string_view(item).substr(std::min(item.size(), equals + 1)));
    if (log) {
      config.*buffer.log_size = *log;
    } else {
      mistakes.push_back({{},
                          fmt::format("'{}' is no size of the {} buffer", item, name),
                          "write a power of two, such as 'inp=32KiB'"});
    }
    return;
  }
  mistakes.push_back({{}, fmt::format("VTA has no buffer '{}'", name), suggestion(name, known)});
}

/// Words between commas, the shape of the core first: buffers change what it brings.
std::vector<std::string> shape_first(const std::string& options) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at < options.size();) {
    const std::size_t end = std::min(options.find(',', at), options.size());
    items.push_back(options.substr(at, end - at));
    at = end + 1;
  }
  std::stable_partition(items.begin(), items.end(), [](const std::string& item) {
    return item.find('=') == std::string::npos;
  });
  return items;
}

Result<vta::Config> read_vta(const std::string& options, vta::Config config) {
  Diagnostics mistakes;
  for (const std::string& item : shape_first(options)) {
    if (item.find('=') != std::string::npos) {
      set_buffer(item, config, mistakes);
    } else if (const Result<vta::Config> shape = vta::parse_shape(item)) {
      config = *shape;
    } else {
      mistakes.insert(mistakes.end(), shape.error().begin(), shape.error().end());
    }
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  for (const std::string& reason : vta::unsupported(config)) {
    mistakes.push_back({{},
                        fmt::format("vta {}: {}", vta::shape_text(config), reason),
                        "use other buffers or another GEMM core"});
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return config;
}

/// "8x8x64": rows, columns, sums.
Result<Target> read_gemm(const std::string& options) {
  std::array<std::int64_t, 3> sizes{};
  const char* at = options.data();
  const char* const end = at + options.size();
  bool good = true;
  for (std::size_t i = 0; i < sizes.size() && good; ++i) {
    const auto [after, error] = std::from_chars(at, end, sizes[i]);
    good = error == std::errc() && (i == 2 ? after == end : after != end && *after == 'x');
    at = after + (i < 2);
  }
  if (!good) {
    return mistake({}, fmt::format("'{}' is no shape of a matrix unit", options),
                   "write ROWSxCOLUMNSxSUMS, as gemm:8x8x64");
  }
  const Instruction unit = gemm_instruction(sizes[0], sizes[1], sizes[2]);
  if (Diagnostics mistakes = check(unit); !mistakes.empty()) return tl::unexpected(mistakes);
  return Target{unit, std::nullopt};
}

}  // namespace

std::vector<TargetEntry> targets() {
  return {{"vta", "the VTA accelerator: vta:BATCHxBLOCK_INxBLOCK_OUT,inp=SIZE,wgt=SIZE,..."},
          {"x86_vnni", "vpdpbusd of x86 processors: code is emitted, compiled and loaded"},
          {"gemm", "a matrix unit of any shape: gemm:ROWSxCOLUMNSxSUMS"}};
}

std::optional<Result<Target>> find_target(const std::string& words, const vta::Config& usual) {
  const std::size_t colon = std::min(words.find(':'), words.size());
  const std::string name = words.substr(0, colon);
  const std::string options = words.substr(std::min(words.size(), colon + 1));
  if (name == "gemm") return read_gemm(options);
  if (name != "vta") return std::nullopt;
  const Result<vta::Config> config = read_vta(options, usual);
  if (!config) return tl::unexpected(config.error());
  return Target{vta::gemm_core(*config), *config};
}

Result<vta::Config> vta_machine(const std::string& words, const vta::Config& usual) {
  const auto target = find_target(words, usual);
  if (target && !*target) return tl::unexpected(target->error());
  if (target && (*target)->vta) return *(*target)->vta;
  return mistake({}, fmt::format("no programs are made for target '{}'", words),
                 "use vta, or vta:BATCHxBLOCK_INxBLOCK_OUT,inp=SIZE,wgt=SIZE,acc=SIZE,uop=SIZE");
}

}  // namespace tileloom::target
