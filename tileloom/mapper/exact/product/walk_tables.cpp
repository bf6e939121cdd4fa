#include "tileloom/mapper/exact/product/walk_tables.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/product/trade.hpp"

namespace tileloom::mapper::product {

WalkTables::WalkTables(ChainBound& chains, std::size_t unfinished, const Record& record)
    : chains_(chains) {
  const Ledger& ledger = chains.problem().ledger;
  const cost::Objective& objective = record.objective;
  const bool edp = !record.front && objective.first == cost::Metric::edp;
  const bool both = record.weighs_both();
  floor_ = ledger(chains.problem().least, unfinished);
  energy_ = both || objective.first == cost::Metric::energy;
  if (energy_) forms_.push_back(ledger.energy(unfinished));
  first_port_ = forms_.size();
  if (both || objective.first == cost::Metric::latency) add_ports(ledger.ports(unfinished));
  first_line_ = forms_.size();
  if (edp) {
    price_ = chains.price();
    for (std::size_t f = first_port_; f < first_line_; ++f) {
      forms_.push_back(sum(forms_[0], forms_[f], price_));
    }
  }
  counts_.assign(chains.problem().least.size(), false);
  for (const Form& form : forms_) {
    for (std::size_t q = 0; q < counts_.size(); ++q) counts_[q] = counts_[q] || form.factors[q] != 0;
  }
  fill();
}

/// Those that loops can change and that can tell most.
void WalkTables::add_ports(std::span<const Form> ports) {
  std::vector<Form> changing;
  for (const Form& port : ports) {
    if (!constant(port)) changing.push_back(port);
  }
  const std::span<const double> least = chains_.problem().least;
  std::ranges::stable_sort(changing, std::ranges::greater{},
                           [&](const Form& port) { return port(least); });
  changing.resize(std::min(changing.size(), kMostPorts));
  forms_.insert(forms_.end(), changing.begin(), changing.end());
}

/// The first form's recursion looks at all Stores: also at those that cost nothing, but need room.
void WalkTables::fill() {
  const std::size_t shapes = chains_.shapes().size();
  const std::size_t sets = std::size_t{1} << chains_.moving().size();
  left_.assign(sets * shapes * size(), INFINITY);
  for (std::size_t f = 0; f < size(); ++f) {
    chains_.least_of(forms_[f], f == 0);
    rests_.push_back(chains_.rest_of(forms_[f]));
    for (std::uint32_t set = 0; set < sets; ++set) {
      const Grid& left = chains_.left(set);
      for (std::size_t s = 0; s < left.size(); ++s) left_[(set * shapes + s) * size() + f] = left[s];
    }
  }
}

std::optional<double> WalkTables::promise(const double* spent, const double* left,
                                          const Record& record) const {
  Bounds bounds = floor_;
  if (energy_) bounds.picojoules = std::max(bounds.picojoules, spent[0] + left[0]);
  for (std::size_t f = first_port_; f < first_line_; ++f) {
    bounds.cycles = std::max(bounds.cycles, spent[f] + left[f]);
  }
  if (std::isinf(bounds.picojoules) || std::isinf(bounds.cycles)) return std::nullopt;
  if (first_line_ == forms_.size()) {
    const cost::Score bound = score_of(record.objective, bounds);
    if (record.settled(bound)) return std::nullopt;
    return record.urgency(bound);
  }
  double least = bounds.cycles * bounds.picojoules;
  for (std::size_t f = first_line_; f < forms_.size(); ++f) {
    const double line = spent[f] + left[f];
    if (std::isinf(line)) return std::nullopt;
    // Along the line the product is concave: the least stands where another bound ends it.
    const double at = (line - bounds.picojoules) / price_;
    if (at <= bounds.cycles) continue;
    least = std::max(least, std::min(bounds.cycles * (line - price_ * bounds.cycles),
                                     at * bounds.picojoules));
  }
  if (record.settled({least * (1 - kRoundingOfChains), 0})) return std::nullopt;
  return least;
}

}  // namespace tileloom::mapper::product
