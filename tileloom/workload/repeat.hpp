#pragma once
#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// The network for so many inputs ("images"): every tensor but constants has one of each, along a
/// new first axis, and every operator a first loop over them, its last rank. One image: as it is.
Workload repeated(Workload workload, std::int64_t images);

/// The rank of the images in an operator of a repeated workload.
RankId image_rank(const Operator& op);

}  // namespace tileloom
