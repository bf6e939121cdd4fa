#include "tileloom/driver/calibration_store.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/driver/cache_file.hpp"
#include "tileloom/io/yaml/write_architecture.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::driver {
namespace {

using nlohmann::json;
using scheduler::Calibration;

json write_fit(const scheduler::Fit& fit) { return {fit.r2, fit.residual}; }
scheduler::Fit read_fit(const json& fit) {
  return {fit.at(0).get<double>(), fit.at(1).get<double>()};
}

}  // namespace

std::string calibration_key(const Architecture& arch, std::int64_t element_bits) {
  return fmt::format("tileloom {}\n{} bit\n{}", kVersion, element_bits, write_architecture(arch));
}

std::optional<Calibration> find_calibration(const std::string& folder, const std::string& key) {
  const Result<std::string> text = read_file(cache_file(folder, "calibration_", key));
  if (!text) return std::nullopt;
  const json entry = json::parse(*text, nullptr, false);
  if (!entry.is_object()) return std::nullopt;
  try {
    if (entry.at("key").get<std::string>() != key) return std::nullopt;
    Calibration c;
    c.constant = entry.at("constant").get<double>();
    c.per_operations = entry.at("per_operations").get<double>();
    c.per_channels = entry.at("per_channels").get<double>();
    c.cores_fit = read_fit(entry.at("cores_fit"));
    c.critical_operations = entry.at("critical_operations").get<double>();
    c.critical_spread = entry.at("critical_spread").get<double>();
    c.halo_slope = entry.at("halo_slope").get<double>();
    c.halo_fit = read_fit(entry.at("halo_fit"));
    c.mean_slowdown = entry.at("mean_slowdown").get<double>();
    c.measurements = entry.at("measurements").get<std::int64_t>();
    for (const json& s : entry.at("layers")) {
      c.layers.push_back({s.at(0).get<std::int64_t>(), s.at(1).get<std::int64_t>(),
                          s.at(2).get<std::int64_t>(), s.at(3).get<double>(),
                          s.at(4).get<std::int64_t>(), s.at(5).get<double>(),
                          s.at(6).get<double>()});
    }
    for (const json& s : entry.at("halos")) {
      c.halos.push_back({s.at(0).get<std::int64_t>(), s.at(1).get<std::int64_t>(),
                         s.at(2).get<std::int64_t>(), s.at(3).get<double>(),
                         s.at(4).get<double>()});
    }
    return c;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void keep_calibration(const std::string& folder, const std::string& key, const Calibration& c) {
  json layers = json::array();
  for (const scheduler::LayerSample& s : c.layers) {
    layers.push_back(
        {s.channels, s.size, s.filter, s.operations, s.best_cores, s.cycles, s.slowdown});
  }
  json halos = json::array();
  for (const scheduler::HaloSample& s : c.halos) {
    halos.push_back({s.size, s.layers, s.cores, s.feature, s.penalty});
  }
  const json entry{{"key", key},
                   {"constant", c.constant},
                   {"per_operations", c.per_operations},
                   {"per_channels", c.per_channels},
                   {"cores_fit", write_fit(c.cores_fit)},
                   {"critical_operations", c.critical_operations},
                   {"critical_spread", c.critical_spread},
                   {"halo_slope", c.halo_slope},
                   {"halo_fit", write_fit(c.halo_fit)},
                   {"mean_slowdown", c.mean_slowdown},
                   {"measurements", c.measurements},
                   {"layers", std::move(layers)},
                   {"halos", std::move(halos)}};
  // A cache that cannot be written is no reason to fail: the answer is there.
  (void)write_file(cache_file(folder, "calibration_", key), entry.dump());
}

}  // namespace tileloom::driver
