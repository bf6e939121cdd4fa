#include "tileloom/cost/profiles/defines2022/layer.hpp"

#include <algorithm>
#include <numeric>

namespace tileloom::cost::defines2022 {

std::string_view name(Dim dim) {
  static constexpr std::array<std::string_view, kDims> names{"B", "C", "FX", "FY",
                                                             "G", "K", "OX", "OY"};
  return names[static_cast<std::size_t>(dim)];
}

std::string spatial_mapping_family(const Network& network, const std::string& machine) {
  if (network.spatial_mappings.contains(machine)) return machine;
  constexpr std::string_view kDepthFirst = "_DF";
  if (!machine.ends_with(kDepthFirst)) return {};
  const std::string family = machine.substr(0, machine.size() - kDepthFirst.size());
  return network.spatial_mappings.contains(family) ? family : std::string();
}

std::int64_t distinct_inputs(const Relation& relation, std::int64_t outputs, std::int64_t kernel) {
  const std::int64_t g = std::gcd(relation.stride, relation.dilation);
  return outputs * kernel - std::max<std::int64_t>(0, kernel - relation.stride / g) *
                                (outputs - relation.dilation / g);
}

}  // namespace tileloom::cost::defines2022
