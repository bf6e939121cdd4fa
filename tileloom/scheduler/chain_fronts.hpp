#pragma once
// All chains of steps that no other beats in several sums at once.

#include <vector>

#include "tileloom/scheduler/chains.hpp"

namespace tileloom::scheduler::chains {

/// Chains that no other beats in latency, energy, Σ `aimed` and the largest `beside`: every chain
/// there is costs at least 1 / `factor` of one of these in each of the four.
struct ChainFront {
  std::vector<std::vector<Step>> chains;  ///< fastest first
  double factor = 1;                      ///< 1: the whole front
};

/// The front of the chains from cut 0 to cut `cuts`. Where more than `most` labels meet at one cut,
/// those are left out that another comes close to in everything; how close, says `factor`.
ChainFront chain_front(std::size_t cuts, const std::vector<Step>& steps, std::size_t most);

}  // namespace tileloom::scheduler::chains
