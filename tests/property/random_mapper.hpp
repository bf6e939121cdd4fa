#pragma once
#include <memory>
#include <utility>

#include "tileloom/mapper/registry.hpp"

namespace tileloom {

/// Where a test is of what is built from mappings and any mapping will do.
inline std::unique_ptr<mapper::Mapper> random_mapper() {
  return std::move(mapper::make_mapper("random", {}).value());
}

}  // namespace tileloom
