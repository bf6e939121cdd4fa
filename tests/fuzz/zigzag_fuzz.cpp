// Any bytes as an accelerator and as a network in ZigZag's form: refused with reasons, or read.

#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"

namespace {

template <class Read>
void read_or_refuse(const tileloom::io::JsonText& json, Read read) {
  tileloom::io::Reading reading(json);
  read(reading, reading.root());
  if (!reading.mistakes().empty()) expect_mistakes(reading.mistakes(), "fuzz.json");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace io = tileloom::io;
  const auto json =
      io::parse_json("fuzz.json", std::string(reinterpret_cast<const char*>(data), size));
  if (!json) {
    expect_mistakes(json.error(), "fuzz.json");
    return 0;
  }
  read_or_refuse(*json, [](io::Reading& reading, const io::Node& root) {
    return io::zigzag::read_machine(reading, root, "fuzz");
  });
  read_or_refuse(*json, [](io::Reading& reading, const io::Node& root) {
    return io::zigzag::read_network(reading, root, "fuzz");
  });
  return 0;
}
