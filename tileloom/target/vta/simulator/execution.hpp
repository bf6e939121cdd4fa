#pragma once
// One run: instructions applied to scratchpads and DRAM, with everything suspicious noted.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tileloom/target/vta/simulator/order.hpp"
#include "tileloom/target/vta/simulator/scratchpads.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"

namespace tileloom::target::vta {

/// An index that is known not to be negative.
inline std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Counts of each kind of suspicion, in the order in which the kinds turned up.
class Suspicions {
 public:
  void note(const std::string& kind, std::int64_t count = 1);
  /// @param memory  "inp", "dram region activations"
  void race(std::size_t instruction, const std::string& memory, std::int64_t entry,
            const char* kind);
  bool races() const { return !first_race_.empty(); }
  std::vector<std::string> sentences() const;

 private:
  std::vector<std::pair<std::string, std::int64_t>> kinds_;
  std::string first_race_;
};

/// Who touched each piece of a region that the program stores to; empty for the others.
struct DramAccesses {
  std::vector<std::int64_t> written;                        ///< stamps of the store unit
  std::array<std::vector<std::int64_t>, kUnits> read;       ///< of the load and the compute unit
};

/// The state of a run of a program without violations and without deadlock.
class Execution {
 public:
  Execution(const Image& image, const Order& order, bool checked);

  /// Executes instruction `i`. False if it left a scratchpad, which only micro-ops that the program
  /// changed itself can cause.
  bool execute(std::size_t i);

  std::vector<std::string> take_regions() { return std::move(dram_); }
  const Suspicions& suspicions() const { return suspicions_; }
  const RunReport& counts() const { return counts_; }

 private:
  bool apply(const Load& load);
  bool apply(const Store& store);
  bool apply(const Gemm& gemm);
  bool apply(const Alu& alu);
  bool apply(const Finish&);

  void fill_row(Memory memory, std::int64_t entry, std::int64_t count, const unsigned char* bytes);
  void note_load(const Load& load, std::int64_t entries);
  void note_store(std::int64_t entry);
  void note_accumulator_read(std::int64_t entry);
  bool gemm_steps(const Gemm& gemm);
  bool alu_steps(const Alu& alu);
  void note_gemm_operands(std::int64_t s, std::int64_t w);
  void note_write(std::int64_t d, Writer writer);
  /// The region that violations() has found a physical address to lie in.
  std::size_t region_of(std::int64_t address) const;
  unsigned char* dram(std::int64_t address);
  /// A row that `unit` reads from DRAM, or that the store unit writes there.
  void note_row(std::int64_t address, std::int64_t bytes, Unit unit);

  const Image& image_;
  const Order& order_;
  const bool checked_;
  std::vector<std::string> dram_;
  std::int64_t dram_piece_;                  ///< bytes of DRAM that share a stamp
  std::vector<DramAccesses> dram_accesses_;  ///< by region
  Scratchpads pads_;
  Accesses input_accesses_;
  Accesses weight_accesses_;
  Accesses accumulator_accesses_;
  std::vector<Writer> writers_;  ///< of ACC entries
  Suspicions suspicions_;
  RunReport counts_;
  std::size_t now_ = 0;       ///< number of the instruction being executed
  std::int64_t stamp_ = 0;    ///< 1 + its position in its unit's queue
  Clock before_{};            ///< what it is ordered after
};

}  // namespace tileloom::target::vta
