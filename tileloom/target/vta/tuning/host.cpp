#include "tileloom/target/vta/tuning/host.hpp"

#include <utility>

#include "tileloom/embedding/gather.hpp"
#include "tileloom/support/little_endian.hpp"

namespace tileloom::target::vta {
namespace {

/// The next coordinate, the last axis fastest; false after the last one.
bool step(const PackedOperand& packed, std::vector<std::int64_t>& coordinate) {
  for (std::size_t a = coordinate.size(); a-- > 0;) {
    if (++coordinate[a] < packed.axes[a].extent) return true;
    coordinate[a] = 0;
  }
  return false;
}

}  // namespace

ElementMap element_map(const Operator& op, const tileloom::Instruction& instruction,
                       const Embedding& embedding, Part part, const StoredOperand& stored) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  const Gather gather(op, embedding, loops,
                      packed_operands(op, instruction, embedding,
                                      loops)[static_cast<std::size_t>(part)]);
  const auto lanes = static_cast<std::size_t>(block_elements(gather.packed()));
  ElementMapBuilder builder(stored.blocks, static_cast<std::int64_t>(lanes));
  std::vector<std::int64_t> elements(lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    elements[lane] = gather.lane_offsets()[lane].value_or(kNoElement);
  }
  const std::int64_t regular = builder.pattern(elements);
  std::vector<std::int64_t> coordinate(gather.packed().axes.size(), 0);
  do {
    const std::int64_t place = stored_index(stored, coordinate);
    if (place < 0) continue;
    const Gather::Block block = gather.block_at(coordinate);
    if (const auto start = gather.regular_start(block)) {
      builder.add(place, *start, regular);
      continue;
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      elements[lane] =
          gather.element(block, static_cast<std::int64_t>(lane)).value_or(kNoElement);
    }
    builder.add(place, elements);
  } while (step(gather.packed(), coordinate));
  return std::move(builder).finish();
}

Image image_of(const Config& config, const EmittedProgram& program, std::string inputs,
               std::string weights) {
  Image image;
  image.config = config;
  image.program = program.instructions;
  const Placement& placement = program.placement;
  const auto region = [&](const char* name, Part part, std::string content) {
    const auto p = static_cast<std::size_t>(part);
    image.regions.push_back(
        {name, placement.address[p], placement.bytes[p], std::move(content), 0});
  };
  region("inp", Part::data, std::move(inputs));
  region("wgt", Part::weights, std::move(weights));
  region("out", Part::result, {});
  std::string micro_ops;
  for (const std::uint32_t word : program.micro_ops) append_little_endian(micro_ops, word);
  image.regions.push_back({"uop", placement.micro_op_address,
                           static_cast<std::int64_t>(micro_ops.size()), micro_ops, std::nullopt});
  image.outputs.push_back({"out", "out_out.bin", 0, image.regions[2].size});
  return image;
}

}  // namespace tileloom::target::vta
