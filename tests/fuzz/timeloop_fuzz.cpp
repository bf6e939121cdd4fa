// Timeloop's files on any bytes: nouns that the profile evaluates and whose mapping is written and
// read back unchanged, or mistakes with a remedy. It must neither crash nor hang.

#include <cstdint>
#include <string>
#include <vector>

#include "expect.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/io/timeloop/read_files.hpp"
#include "tileloom/io/timeloop/write_mapping.hpp"
#include "tileloom/support/checked.hpp"

namespace {

using namespace tileloom;

/// Instances of the largest fan-out in use; the profile lists them one by one.
std::int64_t largest_fanout(const cost::timeloop::Mapping& mapping) {
  std::int64_t most = 1;
  for (const auto& level : mapping.levels)
    most = std::max(most, cost::timeloop::used_fanout(level));
  return most;
}

void use(const io::timeloop::Files& files) {
  cost::timeloop::Reasons notes;
  if (files.architecture) cost::timeloop::architecture_of(files.architecture->arch, nullptr, notes);
  if (!files.mapping || largest_fanout(*files.mapping) > 4096) return;
  cost::timeloop::evaluate(files.mapped_arch, *files.problem, *files.mapping);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<io::timeloop::NamedText> texts{
      {"fuzz", std::string(reinterpret_cast<const char*>(data), size)}};
  const auto files = io::timeloop::read_texts(texts);
  if (!files) {
    expect_mistakes(files.error(), "fuzz");
    return 0;
  }
  try {
    use(*files);
  } catch (const OverflowError&) {  // an answer: the counts are too large
  }
  return 0;
}
