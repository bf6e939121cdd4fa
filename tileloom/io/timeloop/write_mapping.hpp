#pragma once
#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/mapping.hpp"

namespace tileloom::io::timeloop {

/// What a `mapping:` cannot say: two loops over one dimension at one level with another between
/// them, and a dimension along both X and Y.
std::vector<std::string> unwritable(const cost::timeloop::Arch& arch,
                                    const cost::timeloop::Problem& problem,
                                    const cost::timeloop::Mapping& mapping);

/// The mapping as a Timeloop `mapping:` document, levels outermost first, every dim stated; reading
/// it back gives the same mapping. Nothing in it may be unwritable().
std::string write_mapping(const cost::timeloop::Arch& arch, const cost::timeloop::Problem& problem,
                          const cost::timeloop::Mapping& mapping);

}  // namespace tileloom::io::timeloop
