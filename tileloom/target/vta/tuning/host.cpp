#include "tileloom/target/vta/tuning/host.hpp"

#include <utility>

#include "tileloom/embedding/gather.hpp"

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

std::vector<std::int32_t> gather_table(const Operator& op, const tileloom::Instruction& instruction,
                                       const Embedding& embedding, Part part,
                                       const StoredOperand& stored) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  const Gather gather(op, embedding, loops,
                      packed_operands(op, instruction, embedding,
                                      loops)[static_cast<std::size_t>(part)]);
  const PackedOperand& packed = gather.packed();
  const std::int64_t lanes = block_elements(packed);
  std::vector<std::int32_t> table(static_cast<std::size_t>(stored.blocks * lanes), -1);
  std::vector<std::int64_t> coordinate(packed.axes.size(), 0);
  std::int64_t block = 0;
  do {
    const std::int64_t place = stored_index(stored, coordinate);
    const Gather::Block elements = gather.block_at(block);
    for (std::int64_t lane = 0; place >= 0 && lane < lanes; ++lane) {
      table[static_cast<std::size_t>(place * lanes + lane)] =
          static_cast<std::int32_t>(gather.element(elements, lane).value_or(-1));
    }
    ++block;
  } while (step(packed, coordinate));
  return table;
}

std::string pack(std::span<const std::int32_t> table, std::span<const std::int8_t> tensor) {
  std::string region(table.size(), '\0');
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] >= 0) region[i] = static_cast<char>(tensor[static_cast<std::size_t>(table[i])]);
  }
  return region;
}

void unpack(std::span<const std::int32_t> table, const std::string& region,
            std::span<std::int8_t> tensor) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] >= 0) {
      tensor[static_cast<std::size_t>(table[i])] = static_cast<std::int8_t>(region[i]);
    }
  }
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
  for (std::uint32_t word : program.micro_ops) {
    for (int b = 0; b < 4; ++b) micro_ops += static_cast<char>(word >> (8 * b) & 0xff);
  }
  image.regions.push_back({"uop", placement.micro_op_address,
                           static_cast<std::int64_t>(micro_ops.size()), micro_ops, std::nullopt});
  image.outputs.push_back({"out", "out_out.bin", 0, image.regions[2].size});
  return image;
}

}  // namespace tileloom::target::vta
