#include "tileloom/io/onnx/integer_network.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "tileloom/io/onnx/integer/round.hpp"
#include "tileloom/io/onnx/parse.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom {
namespace {

/// More than any network that a VTA runs in reasonable time.
constexpr std::int64_t kMostWeights = std::int64_t{1} << 28;

std::vector<std::int8_t> image_for(const IntegerImportOptions& options, std::int64_t count) {
  if (!options.image.empty()) return options.image;
  Random random(options.seed);
  std::vector<std::int8_t> image(static_cast<std::size_t>(count));
  for (std::int8_t& value : image) value = static_cast<std::int8_t>(random.between(-127, 127));
  return image;
}

}  // namespace

Result<ImportedNetwork> import_integer_network_bytes(std::string_view bytes,
                                                     const std::string& name,
                                                     const IntegerImportOptions& options) {
  const Result<onnx_import::Model> model = onnx_import::parse(bytes, name, kMostWeights);
  if (!model) return tl::unexpected(model.error());
  try {
    Result<onnx_import::RealNetwork> real =
        onnx_import::real_network(*model, name, options.seed, options.bind);
    if (!real) return tl::unexpected(real.error());
    const std::int64_t count = elements(real->tensors.front().shape);
    const std::vector<std::int8_t> image = image_for(options, count);
    if (static_cast<std::int64_t>(image.size()) != count) {
      return mistake({name}, fmt::format("an image of {} elements, but input '{}' has {}",
                                         image.size(), real->tensors.front().name, count),
                     "give one of the input's shape");
    }
    ImportedNetwork result{onnx_import::rounded(*real, image), std::move(real->notes)};
    result.network.name = std::filesystem::path(name).stem().string();
    Diagnostics wrong;
    for (const std::string& why : violations(result.network)) {
      wrong.push_back({{name, 0, 0}, why, "correct the model"});
    }
    if (!wrong.empty()) return tl::unexpected(std::move(wrong));
    return result;
  } catch (const OverflowError& error) {
    return mistake({name}, error.what(), "use smaller sizes");
  }
}

Result<ImportedNetwork> import_integer_network(const std::string& path,
                                               const IntegerImportOptions& options) {
  const Result<std::string> bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return import_integer_network_bytes(*bytes, path, options);
}

}  // namespace tileloom
