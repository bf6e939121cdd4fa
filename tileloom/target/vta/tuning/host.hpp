#pragma once
// What the host does around a program: packing inputs and weights, unpacking the result.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/target/vta/codegen/emit.hpp"
#include "tileloom/target/vta/isa/element_map.hpp"

namespace tileloom::target::vta {

/// Which element of the tensor each byte of an operand's region holds, row-major in the operand's
/// view.
ElementMap element_map(const Operator& op, const tileloom::Instruction& instruction,
                       const Embedding& embedding, Part part, const StoredOperand& stored);

/// The program in memory. Regions are called "inp", "wgt", "out" and "uop"; the first two are left
/// without content where the packed bytes are empty.
Image image_of(const Config& config, const EmittedProgram& program, std::string inputs,
               std::string weights);

}  // namespace tileloom::target::vta
