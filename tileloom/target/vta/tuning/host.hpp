#pragma once
// What the host does around a program: packing inputs and weights, unpacking the result.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/target/vta/codegen/emit.hpp"

namespace tileloom::target::vta {

/// For every byte of an operand's region the element of the tensor that it holds, or -1: zero in an
/// input, dropped from a result. Row-major in the operand's view;
/// at most 2³¹ − 1 elements.
std::vector<std::int32_t> gather_table(const Operator& op, const tileloom::Instruction& instruction,
                                       const Embedding& embedding, Part part,
                                       const StoredOperand& stored);

/// region[i] = tensor[table[i]], or 0.
std::string pack(std::span<const std::int32_t> table, std::span<const std::int8_t> tensor);

/// tensor[table[i]] = region[i].
void unpack(std::span<const std::int32_t> table, const std::string& region,
            std::span<std::int8_t> tensor);

/// The program in memory. Regions are called "inp", "wgt", "out" and "uop"; the first two are left
/// without content where the packed bytes are empty.
Image image_of(const Config& config, const EmittedProgram& program, std::string inputs,
               std::string weights);

}  // namespace tileloom::target::vta
