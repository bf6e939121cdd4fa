#pragma once
// Answers on disk, by content: one small file per problem, named by a hash of everything the
// answer depends on. docs/mapping_search.md, section 6.

#include <string>

#include "tileloom/mapper/result_store.hpp"

namespace tileloom::driver {

/// Everything an answer depends on, as text: tool version, mapper and options, budget, objective,
/// constraints, architecture and operator (without names).
std::string cache_key(const mapper::Problem& problem, const std::string& mapper_identity,
                      const Budget& budget);

/// Files are written whole or not at all, so concurrent runs may share a folder. An entry that
/// cannot be read, belongs to another key or does not evaluate to the score it states is ignored
/// and rewritten.
class DiskCache final : public mapper::ResultStore {
 public:
  DiskCache(std::string folder, std::string mapper_identity, Budget budget);

  std::optional<mapper::MapResult> find(const mapper::Problem& problem) const override;
  void keep(const mapper::Problem& problem, const mapper::MapResult& result) const override;

 private:
  std::string folder_;
  std::string mapper_identity_;
  Budget budget_;
};

}  // namespace tileloom::driver
