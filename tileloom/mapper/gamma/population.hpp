#pragma once
// Individuals and their order. Memory is taken once and used again by every generation.

#include <optional>
#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/mapper/genome.hpp"

namespace tileloom::mapper::gamma {

struct Individual {
  Genome genome;
  std::optional<cost::Score> score;  ///< absent = illegal, or outside the limits
};

/// A number that equal genomes share, and different ones hardly ever.
std::uint64_t fingerprint(const Genome& genome);

/// What individuals of one kind have in common: the ranks of the parts in use, and the innermost
/// loop of every group, which says what stays in the memory inside.
std::uint64_t niche_of(const GenomeSpace& space, const Genome& genome);

/// One generation, best first after `sort`.
class Population {
 public:
  /// Room for `most` individuals.
  Population(const GenomeSpace& space, std::size_t most);

  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  Individual& add() { return pool_[order_[size_++]]; }
  void drop_last() { --size_; }
  Individual& operator[](std::size_t i) { return pool_[order_[i]]; }
  const Individual& operator[](std::size_t i) const { return pool_[order_[i]]; }

  /// By score, illegal ones last; equal ones keep their order.
  void sort();
  /// Of individuals with equal genomes only the first stays. To be called sorted.
  void drop_equal();
  /// Of each niche the best `most` stay. To be called sorted.
  void thin_out(const GenomeSpace& space, std::size_t most);
  void keep_first(std::size_t count) { size_ = std::min(size_, count); }
  /// Number of legal ones. To be called sorted.
  std::size_t legal() const;

 private:
  std::vector<Individual> pool_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> scratch_;
  std::vector<std::uint64_t> niches_;
  std::size_t size_ = 0;
};

}  // namespace tileloom::mapper::gamma
