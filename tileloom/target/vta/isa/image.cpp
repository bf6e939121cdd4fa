#include "tileloom/target/vta/isa/image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/support/little_endian.hpp"
#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kLargestSpan = std::int64_t{3} << 30;

using Sentences = std::vector<std::string>;

std::int64_t end(const Region& region) { return region.address + region.size; }

void check_region(const Region& region, Sentences& wrong) {
  if (region.address < kFirstAddress) {
    wrong.push_back(fmt::format("region {} begins at {:#x}: page 0 (below {:#x}) is invalid",
                                region.name, region.address, kFirstAddress));
  }
  if (static_cast<std::int64_t>(region.content.size()) > region.size) {
    wrong.push_back(fmt::format("region {} has {} bytes, its content {}", region.name, region.size,
                                region.content.size()));
  }
}

void check_regions(const std::vector<Region>& regions, Sentences& wrong) {
  for (const Region& region : regions) check_region(region, wrong);
  std::vector<const Region*> sorted;
  for (const Region& region : regions) sorted.push_back(&region);
  std::sort(sorted.begin(), sorted.end(),
            [](const Region* a, const Region* b) { return a->address < b->address; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const Region& before = *sorted[i - 1];
    const Region& region = *sorted[i];
    if (end(before) <= region.address) continue;
    wrong.push_back(fmt::format("regions {} [{:#x},{:#x}) and {} [{:#x},{:#x}) overlap",
                                before.name, before.address, end(before), region.name,
                                region.address, end(region)));
  }
  if (sorted.empty()) return;
  std::int64_t last = 0;
  for (const Region& region : regions) last = std::max(last, end(region));
  if (last - sorted.front()->address > kLargestSpan) {
    wrong.push_back(fmt::format("the regions span {} bytes, more than {}",
                                last - sorted.front()->address, kLargestSpan));
  }
}

void check_finish(const std::vector<Instruction>& program, Sentences& wrong) {
  std::size_t count = 0;
  for (const Instruction& instruction : program) {
    count += std::holds_alternative<Finish>(instruction.operation);
  }
  const bool last = !program.empty() && std::holds_alternative<Finish>(program.back().operation);
  if (count != 1 || !last) {
    wrong.push_back(fmt::format("a program ends with its only FINISH; this one has {}{}", count,
                                last ? "" : " and does not end with it"));
  }
}

/// Accesses of one instruction to DRAM: every row must lie in one region.
void check_dram(const Image& image, std::size_t number, const Move& move, Sentences& wrong) {
  const std::int64_t bytes = element_bytes(image.config, move.memory);
  for (std::int64_t row = 0; row < (move.x_size > 0 ? move.y_size : 0); ++row) {
    const std::int64_t begin = (move.dram_base + row * move.x_stride) * bytes;
    const std::int64_t size = move.x_size * bytes;
    if (region_at(image, begin, size) != nullptr) continue;
    wrong.push_back(fmt::format("insn {}: DRAM access [{:#x},{:#x}) outside any region", number,
                                begin, begin + size));
    return;
  }
}

/// Follows the micro-op memory through the program and checks the indices of every GEMM and ALU.
class IndexCheck {
 public:
  IndexCheck(const Image& image, Sentences& wrong)
      : image_(image),
        wrong_(wrong),
        micro_ops_(static_cast<std::size_t>(depth(image.config, Memory::micro_op))) {}

  void follow(const Load& load) {
    if (load.memory != Memory::micro_op || load.x_size == 0) return;
    std::size_t at = static_cast<std::size_t>(load.sram_base);
    for (std::int64_t row = 0; row < load.y_size; ++row) {
      const std::int64_t begin = (load.dram_base + row * load.x_stride) * 4;
      const Region* region = region_at(image_, begin, load.x_size * 4);
      if (region == nullptr) return;  // already reported
      const std::string& bytes = content(*region);
      for (std::int64_t i = 0; i < load.x_size && at < micro_ops_.size(); ++i, ++at) {
        const auto place = static_cast<std::size_t>(begin - region->address + 4 * i);
        micro_ops_[at] = {little_endian<std::uint32_t>(bytes, place), true};
      }
    }
  }

  void check(std::size_t number, const Gemm& gemm) {
    each(number, gemm.loops, [&](const MicroOp& u) {
      return inside(number, gemm.loops, Memory::accumulator, u.destination, gemm.destination) &&
             (gemm.reset || (inside(number, gemm.loops, Memory::input, u.source, gemm.source) &&
                             inside(number, gemm.loops, Memory::weight, u.weight, gemm.weight)));
    });
  }

  void check(std::size_t number, const Alu& alu) {
    each(number, alu.loops, [&](const MicroOp& u) {
      return inside(number, alu.loops, Memory::accumulator, u.destination, alu.destination) &&
             (alu.use_immediate ||
              inside(number, alu.loops, Memory::accumulator, u.source, alu.source));
    });
  }

 private:
  struct Entry {
    std::uint32_t word = 0;
    bool written = false;
  };

  /// Initial bytes of a region, filled up once.
  const std::string& content(const Region& region) {
    for (const auto& [known, bytes] : contents_) {
      if (known == &region) return bytes;
    }
    contents_.emplace_back(&region, initial_content(region));
    return contents_.back().second;
  }

  /// Asks `good` about every micro-op until it says no.
  template <class Good>
  void each(std::size_t number, const LoopNest& loops, Good good) {
    const auto last =
        std::min<std::int64_t>(loops.micro_op_end, static_cast<std::int64_t>(micro_ops_.size()));
    for (std::int64_t u = loops.micro_op_begin; u < last; ++u) {
      const Entry& entry = micro_ops_[static_cast<std::size_t>(u)];
      if (!entry.written) {
        wrong_.push_back(fmt::format("insn {}: micro-op {} was never loaded", number, u));
        return;
      }
      if (!good(decode_micro_op(image_.config, entry.word))) return;
    }
  }

  bool inside(std::size_t number, const LoopNest& loops, Memory memory, std::int64_t base,
              const Factors& factors) {
    const std::int64_t last =
        base + (loops.iter_outer - 1) * factors.outer + (loops.iter_inner - 1) * factors.inner;
    if (last < depth(image_.config, memory)) return true;
    wrong_.push_back(fmt::format("insn {}: index {}[{}] exceeds its {} entries", number,
                                 to_string(memory), last, depth(image_.config, memory)));
    return false;
  }

  const Image& image_;
  Sentences& wrong_;
  std::vector<Entry> micro_ops_;
  std::vector<std::pair<const Region*, std::string>> contents_;
};

}  // namespace

const Region* find_region(const Image& image, const std::string& name) {
  for (const Region& region : image.regions) {
    if (region.name == name) return &region;
  }
  return nullptr;
}

std::string initial_content(const Region& region) {
  std::string bytes = region.content;
  bytes.resize(static_cast<std::size_t>(region.size),
               static_cast<char>(region.fill.value_or(kPoison)));
  return bytes;
}

const Region* region_at(const Image& image, std::int64_t address, std::int64_t bytes) {
  for (const Region& region : image.regions) {
    if (region.address <= address && address + bytes <= end(region)) return &region;
  }
  return nullptr;
}

std::vector<std::string> violations(const Image& image) {
  Sentences wrong = unsupported(image.config);
  if (!wrong.empty()) return wrong;
  check_regions(image.regions, wrong);
  check_finish(image.program, wrong);
  IndexCheck indices(image, wrong);
  for (std::size_t i = 0; i < image.program.size(); ++i) {
    const Instruction& instruction = image.program[i];
    const Sentences own = violations(image.config, instruction);
    for (const std::string& why : own) wrong.push_back(fmt::format("insn {}: {}", i, why));
    if (!own.empty()) continue;
    if (const Load* load = std::get_if<Load>(&instruction.operation)) {
      check_dram(image, i, *load, wrong);
      indices.follow(*load);
    } else if (const Store* store = std::get_if<Store>(&instruction.operation)) {
      check_dram(image, i, *store, wrong);
    } else if (const Gemm* gemm = std::get_if<Gemm>(&instruction.operation)) {
      indices.check(i, *gemm);
    } else if (const Alu* alu = std::get_if<Alu>(&instruction.operation)) {
      indices.check(i, *alu);
    }
  }
  return wrong;
}

}  // namespace tileloom::target::vta
