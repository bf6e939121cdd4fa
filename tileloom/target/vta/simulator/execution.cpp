#include "tileloom/target/vta/simulator/execution.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/support/little_endian.hpp"
#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::size_t kLoad = static_cast<std::size_t>(Unit::load);
constexpr std::size_t kCompute = static_cast<std::size_t>(Unit::compute);
constexpr std::size_t kStore = static_cast<std::size_t>(Unit::store);

constexpr const char* kReadAfterWrite = "read-after-write";
constexpr const char* kWriteAfterRead = "write-after-read";

}  // namespace

void Suspicions::note(const std::string& kind, std::int64_t count) {
  for (auto& [known, total] : kinds_) {
    if (known != kind) continue;
    total += count;
    return;
  }
  kinds_.emplace_back(kind, count);
}

void Suspicions::race(std::size_t instruction, const std::string& memory, std::int64_t entry,
                      const char* kind) {
  note(fmt::format("race {}/{}", memory, kind));
  if (first_race_.empty()) {
    first_race_ = fmt::format("first race: insn {}: {}[{}] {}", instruction, memory, entry, kind);
  }
}

std::vector<std::string> Suspicions::sentences() const {
  std::vector<std::string> result;
  for (const auto& [kind, count] : kinds_) result.push_back(fmt::format("{} x{}", kind, count));
  if (!first_race_.empty()) result.push_back(first_race_);
  return result;
}

Execution::Execution(const Image& image, const Order& order, bool checked)
    : image_(image),
      order_(order),
      checked_(checked),
      dram_piece_(std::min(element_bytes(image.config, Memory::input),
                           element_bytes(image.config, Memory::output))),
      pads_(image.config),
      input_accesses_(depth(image.config, Memory::input)),
      weight_accesses_(depth(image.config, Memory::weight)),
      accumulator_accesses_(depth(image.config, Memory::accumulator)),
      writers_(at(depth(image.config, Memory::accumulator)), Writer::nobody) {
  for (const Region& region : image.regions) dram_.push_back(initial_content(region));
  dram_accesses_.resize(dram_.size());
  for (const Instruction& instruction : image.program) {
    const Store* store = std::get_if<Store>(&instruction.operation);
    if (!checked || store == nullptr || store->x_size == 0) continue;
    const std::size_t region =
        region_of(store->dram_base * element_bytes(image.config, Memory::output));
    const std::size_t pieces = at(image.regions[region].size / dram_piece_ + 1);
    dram_accesses_[region] = {std::vector<std::int64_t>(pieces),
                              {std::vector<std::int64_t>(pieces), std::vector<std::int64_t>(pieces),
                               {}}};
  }
}

bool Execution::execute(std::size_t i) {
  now_ = i;
  stamp_ = order_.ordinal[i] + 1;
  before_ = order_.before[i];
  return std::visit([this](const auto& operation) { return apply(operation); },
                    image_.program[i].operation);
}

std::size_t Execution::region_of(std::int64_t address) const {
  for (std::size_t r = 0; r < image_.regions.size(); ++r) {
    const Region& region = image_.regions[r];
    if (region.address <= address && address < region.address + region.size) return r;
  }
  return image_.regions.size();
}

unsigned char* Execution::dram(std::int64_t address) {
  const std::size_t r = region_of(address);
  if (r == dram_.size()) return nullptr;
  return reinterpret_cast<unsigned char*>(dram_[r].data()) + (address - image_.regions[r].address);
}

void Execution::note_row(std::int64_t address, std::int64_t bytes, Unit unit) {
  if (!checked_) return;
  const std::size_t r = region_of(address);
  if (r == dram_.size() || dram_accesses_[r].written.empty()) return;
  DramAccesses& accesses = dram_accesses_[r];
  const std::int64_t from = address - image_.regions[r].address;
  const std::string memory = "dram " + image_.regions[r].name;
  for (std::int64_t p = from / dram_piece_; p * dram_piece_ < from + bytes; ++p) {
    if (unit != Unit::store) {
      if (accesses.written[at(p)] > before_[kStore]) {
        suspicions_.race(now_, memory, p * dram_piece_, kReadAfterWrite);
      }
      accesses.read[static_cast<std::size_t>(unit)][at(p)] = stamp_;
      continue;
    }
    for (const std::size_t reader : {kLoad, kCompute}) {
      if (accesses.read[reader][at(p)] > before_[reader]) {
        suspicions_.race(now_, memory, p * dram_piece_, kWriteAfterRead);
      }
    }
    accesses.written[at(p)] = stamp_;
  }
}

/// Writes `count` entries from DRAM bytes, or zeros where `bytes` is null.
void Execution::fill_row(Memory memory, std::int64_t entry, std::int64_t count,
                         const unsigned char* bytes) {
  const auto fill = [&](auto& values, std::int64_t lanes, auto value_at) {
    auto* out = values.data() + entry * lanes;
    for (std::int64_t i = 0; i < count * lanes; ++i) {
      using Value = std::decay_t<decltype(*out)>;
      out[i] = bytes == nullptr ? Value{0} : static_cast<Value>(value_at(i));
    }
  };
  const auto byte = [&](std::int64_t i) { return static_cast<std::int8_t>(bytes[i]); };
  const auto word = [&](std::int64_t i) {
    return little_endian<std::uint32_t>({reinterpret_cast<const char*>(bytes + 4 * i), 4}, 0);
  };
  switch (memory) {
    case Memory::micro_op:
      return fill(pads_.micro_ops, 1, word);
    case Memory::weight:
      return fill(pads_.weights, pads_.block_in * pads_.block_out, byte);
    case Memory::input:
      return fill(pads_.inputs, pads_.batch * pads_.block_in, byte);
    case Memory::accumulator:
      return fill(pads_.accumulators, pads_.batch * pads_.block_out, word);
    case Memory::accumulator8:
      return fill(pads_.accumulators, pads_.batch * pads_.block_out, byte);
    case Memory::output:
      return;
  }
}

void Execution::note_load(const Load& load, std::int64_t entries) {
  const bool data = load.memory == Memory::input || load.memory == Memory::weight;
  if (load.memory == Memory::accumulator8) suspicions_.note("8-bit ACC load: simulator only");
  const bool pads = (load.y_pad_0 | load.y_pad_1 | load.x_pad_0 | load.x_pad_1) != 0;
  if (pads && (load.memory == Memory::weight || load.memory == Memory::micro_op)) {
    suspicions_.note(fmt::format("padding on {}: not on hardware", to_string(load.memory)));
  }
  if (load.memory == Memory::micro_op) return;
  Accesses& accesses = load.memory == Memory::input    ? input_accesses_
                       : load.memory == Memory::weight ? weight_accesses_
                                                       : accumulator_accesses_;
  const std::int64_t known = before_[data ? kCompute : kStore];
  for (std::int64_t e = load.sram_base; e < load.sram_base + entries; ++e) {
    if (checked_ && accesses.read[at(e)] > known) {
      suspicions_.race(now_, to_string(data ? load.memory : Memory::accumulator), e,
                       kWriteAfterRead);
    }
    accesses.written[at(e)] = stamp_;
    if (!data) writers_[at(e)] = Writer::load;
  }
}

bool Execution::apply(const Load& load) {
  ++counts_.instructions.load;
  if (load.x_size == 0) return true;
  const std::int64_t width = load.x_pad_0 + load.x_size + load.x_pad_1;
  const std::int64_t bytes = element_bytes(image_.config, load.memory);
  note_load(load, width * (load.y_pad_0 + load.y_size + load.y_pad_1));
  std::int64_t entry = load.sram_base;
  const auto fill = [&](std::int64_t count, const unsigned char* from) {
    fill_row(load.memory, entry, count, from);
    entry += count;
  };
  fill(load.y_pad_0 * width, nullptr);
  for (std::int64_t row = 0; row < load.y_size; ++row) {
    fill(load.x_pad_0, nullptr);
    const std::int64_t address = (load.dram_base + row * load.x_stride) * bytes;
    note_row(address, load.x_size * bytes, unit_of(image_.program[now_]));
    fill(load.x_size, dram(address));
    fill(load.x_pad_1, nullptr);
  }
  fill(load.y_pad_1 * width, nullptr);
  counts_.profile.loaded_bytes[at(static_cast<std::int64_t>(load.memory))] +=
      load.y_size * load.x_size * bytes;
  return true;
}

void Execution::note_store(std::int64_t entry) {
  Accesses& accesses = accumulator_accesses_;
  if (accesses.written[at(entry)] > before_[kCompute]) {
    suspicions_.race(now_, to_string(Memory::accumulator), entry, kReadAfterWrite);
  }
  accesses.read[at(entry)] = stamp_;
  switch (writers_[at(entry)]) {
    case Writer::nobody:
      return suspicions_.note("store of an entry never written");
    case Writer::load:
      return suspicions_.note("store of an entry last written by LOAD: hardware has another value");
    case Writer::reset:
      return suspicions_.note("store of an entry last written by a reset: hardware differs");
    case Writer::gemm:
    case Writer::alu:
      return;
  }
}

bool Execution::apply(const Store& store) {
  ++counts_.instructions.store;
  if (store.x_size == 0) return true;
  const std::int64_t lanes = pads_.batch * pads_.block_out;
  std::int64_t entry = store.sram_base;
  for (std::int64_t row = 0; row < store.y_size; ++row) {
    const std::int64_t address = (store.dram_base + row * store.x_stride) * lanes;
    note_row(address, store.x_size * lanes, Unit::store);
    unsigned char* out = dram(address);
    for (std::int64_t x = 0; x < store.x_size; ++x, ++entry) {
      if (checked_) note_store(entry);
      const std::int32_t* values = &pads_.accumulators[at(entry * lanes)];
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        *out++ = static_cast<unsigned char>(values[lane] & 0xff);
      }
    }
  }
  counts_.profile.stored_bytes += store.y_size * store.x_size * lanes;
  return true;
}

void Execution::note_gemm_operands(std::int64_t s, std::int64_t w) {
  const auto note = [&](Accesses& accesses, Memory memory, std::int64_t entry) {
    const std::int64_t written = accesses.written[at(entry)];
    accesses.read[at(entry)] = stamp_;
    if (written > 0 && written <= before_[kLoad]) return;
    if (written == 0) {
      suspicions_.note(fmt::format("{} operand never written", to_string(memory)));
    } else {
      suspicions_.race(now_, to_string(memory), entry, kReadAfterWrite);
    }
  };
  note(input_accesses_, Memory::input, s);
  note(weight_accesses_, Memory::weight, w);
}

void Execution::note_write(std::int64_t d, Writer writer) {
  if (accumulator_accesses_.read[at(d)] > before_[kStore]) {
    suspicions_.race(now_, to_string(Memory::accumulator), d, kWriteAfterRead);
  }
  accumulator_accesses_.written[at(d)] = stamp_;
  writers_[at(d)] = writer;
}

bool Execution::apply(const Gemm& gemm) {
  ++counts_.instructions.gemm;
  (gemm.reset ? counts_.profile.reset_steps : counts_.profile.gemm_steps) += steps(gemm.loops);
  return gemm_steps(gemm);
}

bool Execution::apply(const Alu& alu) {
  ++counts_.instructions.alu;
  counts_.profile.alu_steps += steps(alu.loops);
  if (checked_ && alu.op == AluOp::multiply) suspicions_.note("ALU multiply: simulator only");
  return alu_steps(alu);
}

bool Execution::apply(const Finish&) {
  ++counts_.instructions.finish;
  return true;
}

void Execution::note_accumulator_read(std::int64_t entry) {
  if (writers_[at(entry)] == Writer::nobody) suspicions_.note("acc operand never written");
}

}  // namespace tileloom::target::vta
