#pragma once
// Runs what a fuzzer found readable, if that takes no time.

#include <cstdint>

#include "expect.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"

/// Work that every instruction of the image may cause, if it is small.
inline bool is_small(const tileloom::target::vta::Image& image) {
  namespace vta = tileloom::target::vta;
  constexpr std::int64_t kMostBytes = 1 << 20;
  constexpr std::int64_t kMostSteps = 100'000;
  const vta::Config& c = image.config;
  if (c.log_batch + c.log_block_in > 10 || c.log_block_in + c.log_block_out > 12) return false;
  for (const int buffer : {c.log_uop_buff_size, c.log_inp_buff_size, c.log_wgt_buff_size,
                           c.log_acc_buff_size}) {
    if (buffer > 20) return false;
  }
  std::int64_t bytes = 0;
  for (const vta::Region& region : image.regions) bytes += region.size;
  if (bytes > kMostBytes) return false;
  double steps = 0;
  for (const vta::Instruction& instruction : image.program) {
    if (const auto* gemm = std::get_if<vta::Gemm>(&instruction.operation)) {
      steps += static_cast<double>(vta::steps(gemm->loops));
    } else if (const auto* alu = std::get_if<vta::Alu>(&instruction.operation)) {
      steps += static_cast<double>(vta::steps(alu->loops));
    }
  }
  return steps * static_cast<double>(c.batch() * c.block_in() * c.block_out()) <=
         256.0 * kMostSteps;
}

/// A refusal has reasons; a run that ends has its memory, and which unit is tried first changes
/// nothing.
inline void expect_run(const tileloom::target::vta::Image& image) {
  namespace vta = tileloom::target::vta;
  if (!is_small(image)) return;
  const vta::RunResult first = vta::simulate(image, {.start = vta::Unit::compute});
  const vta::RunResult second = vta::simulate(image, {.start = vta::Unit::store});
  expect(first.report.status == vta::RunStatus::ok || !first.report.errors.empty() ||
             first.report.status == vta::RunStatus::mismatch,
         "a failed run has a reason");
  expect(first.report.status == second.report.status || first.report.races,
         "the unit tried first decides nothing unless units race");
  expect(first.regions.empty() || first.regions.size() == image.regions.size(),
         "a run that ends has the content of every region");
  expect(first.report.races || first.regions == second.regions,
         "memory does not depend on the unit tried first unless units race");
}
