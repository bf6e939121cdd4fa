#pragma once
// C++ with intrinsics for a plan, and the operands as it reads them.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tileloom/target/x86_vnni/plan.hpp"

namespace tileloom::x86_vnni {

/// A translation unit that defines
///     extern "C" void NAME(const unsigned char* data, const signed char* weights, int* result,
///                          unsigned char* scratch)
/// `data` is the plain tensor, of which up to 3 bytes beyond the end are read; `weights` what
/// pack_weights gave; `result` the plain tensor, all of which is written, aligned to
/// 64 bytes if plan.streamed; `scratch` has room for
/// data_bytes(plan) + 64 bytes and is not touched unless plan.copied.
std::string emit(const Plan& plan, const std::string& name);

/// Weights in the order in which the kernel reads them: groups, tiles of channel blocks, sums,
/// blocks of the tile, lanes × 4. `weights` is the plain tensor.
std::vector<std::int8_t> pack_weights(const Operator& op, const Instruction& instruction,
                                      const Embedding& embedding, const Plan& plan,
                                      std::span<const std::int8_t> weights);

}  // namespace tileloom::x86_vnni
