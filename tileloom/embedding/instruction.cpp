#include "tileloom/embedding/instruction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tileloom {
namespace {

constexpr std::int64_t kMostLanes = 4096;

void check_operand(const Instruction& instruction, const InstructionOperand& operand,
                   const Where& where, Diagnostics& found) {
  std::set<LaneDimId> seen;
  for (const LaneDimId dim : operand.dims) {
    if (index(dim) >= instruction.dims.size()) {
      found.push_back(
          {where, fmt::format("{} is indexed by a dimension that does not exist", operand.name),
           "name one of the lanes"});
    } else if (!seen.insert(dim).second) {
      found.push_back(
          {where, fmt::format("{} is indexed by {} twice", operand.name, instruction.dim(dim).name),
           "name every dimension once"});
    }
  }
  for (const std::int64_t bits : {operand.bits, operand.stored_bits}) {
    if (bits < 1 || bits > 64) {
      found.push_back({where, fmt::format("{} has elements of {} bits", operand.name, bits),
                       "give 1 to 64 bits"});
    }
  }
}

/// Every dimension is either one of the result, or summed; both inputs may lack neither.
void check_dims(const Instruction& instruction, const Where& where, Diagnostics& found) {
  std::set<std::string> names;
  std::int64_t lanes = 1;
  for (std::size_t i = 0; i < instruction.dims.size(); ++i) {
    const LaneDim& dim = instruction.dims[i];
    const auto id = static_cast<LaneDimId>(i);
    if (!names.insert(dim.name).second) {
      found.push_back({where, fmt::format("two dimensions are called '{}'", dim.name),
                       "give every dimension its own name"});
    }
    if (dim.extent < 1 || dim.extent > kMostLanes || lanes * dim.extent > kMostLanes) {
      found.push_back(
          {where, fmt::format("dimension '{}' has {} lanes", dim.name, dim.extent),
           fmt::format("the lanes of all dimensions may be 1 to {} together", kMostLanes)});
      continue;
    }
    lanes *= dim.extent;
    if (!has_dim(instruction.data, id) && !has_dim(instruction.weights, id)) {
      found.push_back({where, fmt::format("no input is indexed by '{}'", dim.name),
                       "index the data or the weights by it, or leave it out"});
    }
  }
}

}  // namespace

std::string to_string(Layout layout) {
  switch (layout) {
    case Layout::dense:
      return "dense";
    case Layout::strided:
      return "strided";
    case Layout::replicated:
      return "replicated";
  }
  return {};
}

bool has_dim(const InstructionOperand& operand, LaneDimId dim) {
  return std::ranges::find(operand.dims, dim) != operand.dims.end();
}

std::int64_t block_elements(const Instruction& instruction, const InstructionOperand& operand) {
  std::int64_t product = 1;
  for (const LaneDimId dim : operand.dims) product *= instruction.dim(dim).extent;
  return product;
}

std::int64_t lanes(const Instruction& instruction) {
  std::int64_t product = 1;
  for (const LaneDim& dim : instruction.dims) product *= dim.extent;
  return product;
}

Instruction gemm_instruction(std::int64_t x, std::int64_t y, std::int64_t z) {
  constexpr LaneDimId kX{0};
  constexpr LaneDimId kY{1};
  constexpr LaneDimId kZ{2};
  Instruction gemm;
  gemm.name = fmt::format("vta_gemm_{}x{}x{}", x, y, z);
  gemm.dims = {{"x", x}, {"y", y}, {"z", z}};
  gemm.data = {.name = "data", .memory = "InputBuffer", .dims = {kX, kZ}};
  gemm.weights = {.name = "weights", .memory = "WeightBuffer", .dims = {kY, kZ}};
  gemm.result = {.name = "result",
                 .memory = "Accumulator",
                 .dims = {kX, kY},
                 .bits = 32,
                 .stored_bits = 8,
                 .layout = Layout::strided};
  return gemm;
}

Diagnostics check(const Instruction& instruction, const Where& where) {
  Diagnostics found;
  check_dims(instruction, where, found);
  for (const InstructionOperand* operand :
       {&instruction.data, &instruction.weights, &instruction.result}) {
    check_operand(instruction, *operand, where, found);
  }
  return found;
}

}  // namespace tileloom
