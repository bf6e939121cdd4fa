#include "tileloom/mapper/exact/product/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper::product {

Ledger::Ledger(const Terrain& terrain, const Placement& placement, const Layout& layout,
               std::span<const SpatialChoice* const> choices)
    : terrain_(terrain), placement_(placement), layout_(layout) {
  double steps = 1;
  for (const SpatialChoice* choice : choices) steps *= choice->steps;
  compute_cycles_ = steps * terrain.cycles_per_operation;

  for (const Boundary& boundary : placement.boundaries) {
    Multipliers product;
    const double constant = terrain.operands[boundary.operand].constant;
    product.united = product.all = product.each = constant;
    for (std::size_t g = 0; g < choices.size(); ++g) {
      const Multipliers m =
          multipliers(terrain, terrain.groups[g], *choices[g], boundary, /*least=*/false);
      product.united *= m.united;
      product.all *= m.all;
      product.each *= m.each;
    }
    multipliers_.push_back(product);
  }
  for (std::size_t m = 0; m < terrain.memories.size(); ++m) {
    double product = 1;
    for (const SpatialChoice* choice : choices) {
      product *= instances(terrain, *choice, terrain.memories[m].own);
    }
    instances_.push_back(product);
    const MemoryFacts& memory = terrain.memories[m];
    const auto id = static_cast<MemoryId>(m);
    if (memory.read) ports_.push_back({id, 1 / (*memory.read * product), 0});
    if (memory.write) ports_.push_back({id, 0, 1 / (*memory.write * product)});
    if (memory.shared) {
      const double per_bit = 1 / (*memory.shared * product);
      ports_.push_back({id, per_bit, per_bit});
    }
  }
  united_quantity_.assign(placement.boundaries.size(), SIZE_MAX);
  each_quantity_.assign(placement.boundaries.size(), SIZE_MAX);
  for (std::size_t q = 0; q < layout.quantities.size(); ++q) {
    const Quantity& quantity = layout.quantities[q];
    (quantity.each ? each_quantity_ : united_quantity_)[quantity.boundary] = q;
  }
  // Without general axes every position counted is a multiple of the united quantity; what the
  // lanes use in all is a constant.
  for (std::size_t k = 0; k < placement.boundaries.size(); ++k) {
    const bool general = !terrain.operands[placement.boundaries[k].operand].axes.empty();
    if (!general) each_quantity_[k] = united_quantity_[k];
  }
  most_.assign(layout.quantities.size(), 1);
  for (std::size_t q = 0; q < layout.quantities.size(); ++q) {
    const OperandFacts& operand =
        terrain.operands[placement.boundaries[layout.quantities[q].boundary].operand];
    for (std::size_t g = 0; g < choices.size(); ++g) {
      for (std::size_t r = 0; r < terrain.groups[g].ranks.size(); ++r) {
        const std::size_t rank = terrain.groups[g].ranks[r];
        if (operand.relevance[rank] == Relevance::none) {
          most_[q] *= static_cast<double>(terrain.extents[rank]);
        }
      }
    }
  }
  const std::size_t boundaries = placement.boundaries.size() - placement.first.rbegin()[1];
  sets_.resize(boundaries + 1);
}

Bounds Ledger::operator()(std::span<const double> quantities, std::size_t unfinished) const {
  const Set& set = this->set(unfinished);
  double cycles = compute_cycles_;
  for (const Form& port : set.ports) cycles = std::max(cycles, port(quantities));
  return {cycles, set.energy(quantities)};
}

double Ledger::accesses(std::size_t quantity) const {
  const Quantity& which = layout_.quantities[quantity];
  const Multipliers& m = multipliers_[which.boundary];
  return which.each ? m.each : m.united;
}

void Ledger::add(Form& form, double value, std::size_t quantity) const {
  if (quantity == SIZE_MAX) {
    form.constant += value;
  } else {
    form.factors[quantity] += value;
  }
}

void Ledger::charge(Set& set, MemoryId memory, double read, double written,
                    std::size_t quantity) const {
  const MemoryFacts& facts = terrain_.memories[index(memory)];
  add(set.energy, read * facts.read_per_bit + written * facts.write_per_bit, quantity);
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    if (ports_[p].memory != memory) continue;
    add(set.ports[p], read * ports_[p].per_read + written * ports_[p].per_written, quantity);
  }
}

Ledger::Set Ledger::make_set(std::size_t unfinished) const {
  Set set;
  set.energy.factors.assign(layout_.quantities.size(), 0);
  set.energy.constant = terrain_.compute_energy;
  set.ports.assign(ports_.size(), set.energy);
  for (Form& port : set.ports) port.constant = 0;
  add_inputs(set);
  add_output(set, unfinished);
  settle_output(set.energy);
  for (Form& port : set.ports) settle_output(port);
  std::erase_if(set.ports, [](const Form& form) {
    return form.constant == 0 &&
           std::ranges::all_of(form.factors, [](double factor) { return factor == 0; });
  });
  return set;
}

/// docs/cost_model.md 1.3
void Ledger::add_inputs(Set& set) const {
  const std::size_t output = terrain_.operands.size() - 1;
  for (std::size_t k = 0; k < placement_.first[output]; ++k) {
    const Boundary& boundary = placement_.boundaries[k];
    const double width = terrain_.operands[boundary.operand].bits;
    const Multipliers& m = multipliers_[k];
    charge(set, boundary.parent, m.united * width, 0, united_quantity_[k]);
    double each = m.each;
    if (!boundary.child) {  // all uses, whatever the loops
      for (const std::size_t a : terrain_.operands[boundary.operand].axes) {
        each *= terrain_.axes[a].uses;
      }
    }
    add(set.energy, each * width * boundary.hop, each_quantity_[k]);
    if (boundary.child) charge(set, *boundary.child, 0, each * width, each_quantity_[k]);
  }
}

/// docs/cost_model.md 1.4, (C5): updates = united, returns = all − entries of the parent's buffer,
/// update reads = updates − (entries − returns).
void Ledger::add_output(Set& set, std::size_t unfinished) const {
  const std::size_t output = terrain_.operands.size() - 1;
  const OperandFacts& operand = terrain_.operands[output];
  double elements = operand.constant;
  for (std::size_t r = 0; r < terrain_.extents.size(); ++r) {
    if (operand.relevance[r] == Relevance::simple) {
      elements *= static_cast<double>(terrain_.extents[r]);
    }
  }
  // Entries and returns of the Store at hand, as terms over quantities.
  struct Term {
    double value = 0;
    std::size_t quantity = SIZE_MAX;
  };
  std::vector<Term> fresh{{elements, SIZE_MAX}};  // entries − returns
  Term entries{elements, SIZE_MAX};
  for (std::size_t k = placement_.first[output]; k < placement_.boundaries.size(); ++k) {
    const Boundary& boundary = placement_.boundaries[k];
    const std::size_t nth = k - placement_.first[output];
    const double width = nth >= unfinished ? operand.partial_bits : operand.bits;
    const Multipliers& m = multipliers_[k];
    const std::size_t quantity = united_quantity_[k];
    charge(set, boundary.parent, m.united * width, m.united * width, quantity);
    for (const Term& term : fresh) {
      charge(set, boundary.parent, -term.value * width, 0, term.quantity);
    }
    if (!boundary.child) {
      add(set.energy, m.each * width * boundary.hop, quantity);
      break;
    }
    charge(set, *boundary.child, m.each * width, m.all * width, quantity);
    charge(set, *boundary.child, 0, -entries.value * width, entries.quantity);
    add(set.energy, (m.each + m.all) * width * boundary.hop, quantity);
    add(set.energy, -entries.value * width * boundary.hop, entries.quantity);
    fresh = {{m.each - m.all, quantity}, {entries.value, entries.quantity}};
    entries = {m.each, quantity};
  }
}

/// A negative factor of a Store's quantity is pushed to the next inner one, which is at least as
/// large: entries of the child ≥ entries of the parent (X5). What is left on the innermost is
/// charged with the most it can be.
void Ledger::settle_output(Form& form) const {
  const std::size_t output = terrain_.operands.size() - 1;
  for (std::size_t k = placement_.first[output]; k < placement_.boundaries.size(); ++k) {
    const std::size_t quantity = united_quantity_[k];
    if (quantity == SIZE_MAX || form.factors[quantity] >= 0) continue;
    const double factor = form.factors[quantity];
    form.factors[quantity] = 0;
    const bool last = k + 1 == placement_.boundaries.size() || united_quantity_[k + 1] == SIZE_MAX;
    if (last) {
      form.constant += factor * most_[quantity];
    } else {
      form.factors[united_quantity_[k + 1]] +=
          factor * multipliers_[k + 1].all / multipliers_[k].each;
    }
  }
}

}  // namespace tileloom::mapper::product
