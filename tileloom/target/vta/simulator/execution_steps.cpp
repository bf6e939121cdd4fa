// The loops of GEMM and ALU instructions.

#include <algorithm>
#include <array>

#include "tileloom/target/vta/isa/encode.hpp"
#include "tileloom/target/vta/simulator/execution.hpp"

namespace tileloom::target::vta {
namespace {

std::int32_t wrap(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::int32_t combine(AluOp op, std::int32_t a, std::int32_t b) {
  switch (op) {
    case AluOp::minimum:
      return std::min(a, b);
    case AluOp::maximum:
      return std::max(a, b);
    case AluOp::add:
      return wrap(std::int64_t{a} + b);
    case AluOp::shift_right:
      if (b >= 0) return a >> std::min(b, 31);
      return b <= -32 ? 0 : wrap(static_cast<std::int64_t>(static_cast<std::uint32_t>(a)) << -b);
    case AluOp::multiply:
      return wrap(std::int64_t{a} * b);
  }
  return a;
}

bool portable_shift(const Alu& alu) {
  return alu.use_immediate && alu.immediate >= -16 && alu.immediate <= 15;
}

/// Remembers the accumulators of the last three GEMM steps.
class LastThree {
 public:
  bool holds(std::int64_t d) const { return d == last_[0] || d == last_[1] || d == last_[2]; }
  void push(std::int64_t d) { last_ = {d, last_[0], last_[1]}; }

 private:
  std::array<std::int64_t, 3> last_{-1, -1, -1};
};

/// The micro-ops of a nest, decoded.
std::vector<MicroOp> micro_ops_of(const Config& config, const Scratchpads& pads,
                                  const LoopNest& loops) {
  std::vector<MicroOp> result;
  for (std::int64_t u = loops.micro_op_begin; u < loops.micro_op_end; ++u) {
    result.push_back(decode_micro_op(config, pads.micro_ops[at(u)]));
  }
  return result;
}

/// The largest index that a nest reaches.
std::int64_t largest(const std::vector<MicroOp>& uops, std::int64_t MicroOp::*index,
                     const LoopNest& loops, const Factors& factors) {
  std::int64_t most = 0;
  for (const MicroOp& u : uops) most = std::max(most, u.*index);
  return most + (loops.iter_outer - 1) * factors.outer + (loops.iter_inner - 1) * factors.inner;
}

}  // namespace

bool Execution::gemm_steps(const Gemm& gemm) {
  const LoopNest& loops = gemm.loops;
  const std::vector<MicroOp> uops = micro_ops_of(image_.config, pads_, loops);
  const bool inside =
      largest(uops, &MicroOp::destination, loops, gemm.destination) <
          depth(image_.config, Memory::accumulator) &&
      (gemm.reset ||
       (largest(uops, &MicroOp::source, loops, gemm.source) < depth(image_.config, Memory::input) &&
        largest(uops, &MicroOp::weight, loops, gemm.weight) < depth(image_.config, Memory::weight)));
  if (!inside) return false;
  const std::int64_t lanes = pads_.batch * pads_.block_out;
  LastThree recent;
  std::int64_t d0 = 0, s0 = 0, w0 = 0;
  for (std::int64_t o = 0; o < loops.iter_outer; ++o) {
    std::int64_t d1 = d0, s1 = s0, w1 = w0;
    for (std::int64_t i = 0; i < loops.iter_inner; ++i) {
      for (const MicroOp& u : uops) {
        const std::int64_t d = d1 + u.destination;
        if (checked_ && !gemm.reset) note_accumulator_read(d);
        if (checked_) note_write(d, gemm.reset ? Writer::reset : Writer::gemm);
        if (gemm.reset) {
          std::fill_n(&pads_.accumulators[at(d * lanes)], lanes, 0);
          continue;
        }
        const std::int64_t s = s1 + u.source;
        const std::int64_t w = w1 + u.weight;
        if (checked_) note_gemm_operands(s, w);
        counts_.close_reuse += recent.holds(d);
        recent.push(d);
        multiply_accumulate(pads_, d, s, w);
      }
      d1 += gemm.destination.inner;
      s1 += gemm.source.inner;
      w1 += gemm.weight.inner;
    }
    d0 += gemm.destination.outer;
    s0 += gemm.source.outer;
    w0 += gemm.weight.outer;
  }
  return true;
}

bool Execution::alu_steps(const Alu& alu) {
  const LoopNest& loops = alu.loops;
  const std::vector<MicroOp> uops = micro_ops_of(image_.config, pads_, loops);
  const std::int64_t entries = depth(image_.config, Memory::accumulator);
  if (largest(uops, &MicroOp::destination, loops, alu.destination) >= entries) return false;
  if (!alu.use_immediate && largest(uops, &MicroOp::source, loops, alu.source) >= entries)
    return false;
  if (checked_ && alu.op == AluOp::shift_right && !portable_shift(alu)) {
    suspicions_.note("shift outside immediate -16..15: hardware differs");
  }
  const std::int64_t lanes = pads_.batch * pads_.block_out;
  const auto immediate = static_cast<std::int32_t>(alu.immediate);
  std::int64_t previous = -1;
  for (std::int64_t o = 0; o < loops.iter_outer; ++o) {
    for (std::int64_t i = 0; i < loops.iter_inner; ++i) {
      for (const MicroOp& u : uops) {
        const std::int64_t d = u.destination + o * alu.destination.outer + i * alu.destination.inner;
        const std::int64_t s = u.source + o * alu.source.outer + i * alu.source.inner;
        if (checked_) {
          if (alu.use_immediate && s != d) suspicions_.note("ALU immediate with src != dst");
          if ((alu.use_immediate ? d : s) == previous) {
            suspicions_.note("ALU step reads what the step before it wrote");
          }
          note_accumulator_read(d);
          if (!alu.use_immediate) note_accumulator_read(s);
          note_write(d, Writer::alu);
        }
        previous = d;
        std::int32_t* a = &pads_.accumulators[at(d * lanes)];
        const std::int32_t* b = &pads_.accumulators[at(s * lanes)];
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          a[lane] = combine(alu.op, a[lane], alu.use_immediate ? immediate : b[lane]);
        }
      }
    }
  }
  return true;
}

}  // namespace tileloom::target::vta
