// Any bytes as a VTA program image: the JSON text up to a byte 0, then what every file that it names
// holds. Refused with reasons, or an image that its own files give again and that can be run.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "small_run.hpp"
#include "tileloom/io/vta/read_image.hpp"
#include "tileloom/io/vta/write_image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace vta = tileloom::io::vta;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(bytes.find('\0'), size);
  const std::string content = bytes.substr(std::min(end + 1, size));
  const auto image = vta::parse_image(bytes.substr(0, end), "fuzz/image.json",
                                      [&](const std::string&) -> tileloom::Result<std::string> {
                                        return content;
                                      });
  if (!image) {
    expect_mistakes_in(image.error(), "");
    return 0;
  }
  const auto files = vta::image_files(*image);
  const auto again = vta::parse_image(
      files[1].second, "fuzz/image.json",
      [&](const std::string& name) -> tileloom::Result<std::string> {
        for (const auto& [known, text] : files) {
          if (known == name) return text;
        }
        return tileloom::mistake({name, 0, 0}, "no such file", "none");
      });
  expect(again.has_value(), "an image that was read can be read from its files");
  expect(again->program == image->program && again->regions == image->regions,
         "its files give the image again");
  expect_run(*image);
  return 0;
}
