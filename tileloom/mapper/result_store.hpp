#pragma once
#include <optional>

#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// Remembers answers between runs. Implementations are safe to call from several threads.
class ResultStore {
 public:
  virtual ~ResultStore() = default;
  /// The answer kept for an equal problem, re-evaluated; absent if there is none.
  virtual std::optional<MapResult> find(const Problem& problem) const = 0;
  virtual void keep(const Problem& problem, const MapResult& result) const = 0;
};

}  // namespace tileloom::mapper
