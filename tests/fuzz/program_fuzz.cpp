// Any bytes as a program (.tlp): as an archive, and as the texts of its files, each after a line
// "=== NAME", because an archive's sums stop nearly every change. Refused with reasons, or a
// program that its own bytes give again and that can be run.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expect.hpp"
#include "small_run.hpp"
#include "tileloom/io/vta/archive.hpp"
#include "tileloom/io/vta/program_file.hpp"

namespace {

namespace vta = tileloom::io::vta;

/// What a host does before a run and after it.
void pack_and_unpack(const tileloom::target::vta::HostTensor& tensor) {
  std::int64_t elements = 1;
  for (const std::int64_t size : tensor.shape) elements *= size;
  if (elements > 1 << 20 || tensor.map.bytes > 1 << 20) return;
  std::vector<std::int8_t> values(static_cast<std::size_t>(elements), 1);
  unpack(tensor.map, pack(tensor.map, values), values);
  expect(std::ranges::count(values, 1) == elements, "what was packed is unpacked");
}

void read_and_run(const std::string& bytes) {
  const auto program = vta::parse_program(bytes, "fuzz.tlp");
  if (!program) {
    expect_mistakes_in(program.error(), "fuzz.tlp");
    return;
  }
  const std::string written = vta::program_bytes(*program);
  const auto again = vta::parse_program(written, "fuzz.tlp");
  expect(again.has_value(), "a program that was read can be written and read");
  expect(vta::program_bytes(*again) == written, "its bytes give the program again");
  for (const auto& tensor : program->tensors) pack_and_unpack(tensor);
  expect_run(program->image);
}

vta::Files files_of(const std::string& text) {
  static const std::string kMark = "=== ";
  vta::Files files;
  for (std::size_t at = text.find(kMark); at != std::string::npos;) {
    const std::size_t line = std::min(text.find('\n', at), text.size());
    const std::size_t next = text.find("\n" + kMark, line);
    const std::size_t from = std::min(line + 1, text.size());
    files.emplace_back(text.substr(at + kMark.size(), line - at - kMark.size()),
                       next == std::string::npos ? text.substr(from)
                                                 : text.substr(from, next - from));
    at = next == std::string::npos ? next : next + 1;
  }
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read_and_run(bytes);
  read_and_run(vta::to_archive(files_of(bytes)));
  return 0;
}
