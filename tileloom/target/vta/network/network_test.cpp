#include "tileloom/support/effort_test.hpp"
#include "tileloom/target/vta/network/network.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tileloom/reference/run_integer_network.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/network/network_memory.hpp"
#include "tileloom/target/vta/simulator/order.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"
#include "tileloom/target/vta/tuning/check_values.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::target::vta {
namespace {

/// A network that grows layer by layer.
class Growing {
 public:
  Growing(Random& random, const ImageShape& input) : random_(random) {
    network_.tensors = {{"x", input}};
  }

  std::size_t newest() const { return network_.tensors.size() - 1; }
  const ImageShape& shape(std::size_t tensor) const { return network_.tensors[tensor].shape; }

  /// The number of the new tensor.
  std::size_t add(IntegerKind kind, std::size_t input, std::int64_t channels, const WindowAxis& rows,
                  const WindowAxis& columns, std::optional<std::size_t> other = {}) {
    IntegerLayer layer;
    layer.name = fmt::format("layer{}", network_.layers.size());
    layer.kind = kind;
    layer.input = input;
    layer.other = other;
    layer.rows = rows;
    layer.columns = columns;
    const ImageShape& in = shape(input);
    const ImageShape out{in.batch, channels, positions(rows, in.rows),
                         positions(columns, in.columns)};
    if (kind != IntegerKind::max_pool) {
      const std::int64_t inner = kind == IntegerKind::convolution ? in.channels : 1;
      const std::int64_t terms = inner * rows.size * columns.size;
      layer.weights = random_values(random_, channels * terms);
      if (kind == IntegerKind::depthwise && random_.chance(50)) {
        std::fill(layer.weights.begin(), layer.weights.end(), std::int8_t{64});
      }
      for (std::int64_t k = 0; k < channels; ++k) {
        layer.bias.push_back(static_cast<std::int32_t>(random_.between(-300000, 300000)));
      }
      layer.rescale.shift = random_.between(5, 12);
      if (random_.chance(20)) layer.rescale.shift = 17;
      if (random_.chance(30)) layer.rescale.low = 0;
      if (other) {
        layer.rescale.pre_shift = random_.between(0, 2);
        layer.rescale.factor = std::int64_t{1} << random_.between(0, 6);
      }
    }
    network_.layers.push_back(layer);
    network_.tensors.push_back({fmt::format("t{}", network_.layers.size()), out});
    return newest();
  }

  const IntegerNetwork& network() const { return network_; }

 private:
  Random& random_;
  IntegerNetwork network_;
};

/// One line per layer, for failures.
std::string described(const IntegerNetwork& network) {
  std::string text;
  const auto axis = [](const WindowAxis& a) {
    return fmt::format("{}/{}+{}+{}", a.size, a.stride, a.before, a.after);
  };
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const IntegerLayer& layer = network.layers[l];
    text += fmt::format("\n{} {}: tensor {} {} -> {}, window {} x {}, adds {}", layer.name,
                        to_string(layer.kind), layer.input,
                        to_string(network.input_of(layer).shape),
                        to_string(network.output_of(l).shape), axis(layer.rows),
                        axis(layer.columns), layer.other ? std::to_string(*layer.other) : "nothing");
  }
  return text;
}

/// Compiles, runs with every unit first, compares with the reference.
void expect_equal_to_reference(const IntegerNetwork& network, const Config& config, Random& random) {
  SCOPED_TRACE(described(network));
  ASSERT_EQ(violations(network), std::vector<std::string>{});
  NetworkOptions options;
  options.tune.timed = 3;
  options.tune.sizes = 5;
  options.tune.refined = 4;
  options.embeddings = 2;
  const auto program = compile_network(network, config, options);
  ASSERT_TRUE(program) << program.error().front();
  const auto input = random_values(random, elements(network.tensors.front().shape));
  const std::vector<std::int8_t> expected =
      reference::run_integer_network(network, input).back();
  Image image = program->image;
  ASSERT_EQ(image.regions.front().name, "input");
  image.regions.front().content = pack(program->tensors.front().map, input);
  EXPECT_EQ(order(image.program).tokens_left, 0);
  for (const Unit start : {Unit::compute, Unit::load, Unit::store}) {
    const RunResult run = simulate(image, {.start = start});
    ASSERT_TRUE(run.report.errors.empty()) << run.report.errors.front();
    EXPECT_FALSE(run.report.races);
    for (const std::string& warning : run.report.warnings) {
      EXPECT_TRUE(is_harmless(warning)) << warning;
    }
    std::vector<std::int8_t> result(expected.size(), 0);
    ASSERT_EQ(image.regions[1].name, "output");
    unpack(program->tensors.back().map, run.regions[1], result);
    ASSERT_EQ(result, expected);
  }
}

WindowAxis random_window(Random& random, std::int64_t extent) {
  WindowAxis axis{.size = random.between(1, std::min<std::int64_t>(3, extent)),
                  .stride = random.between(1, 2)};
  axis.before = random.between(0, axis.size / 2);
  axis.after = random.between(0, axis.size / 2);
  if (axis.size < 3 && axis.stride > 1) axis.before = axis.after = 0;
  return axis;
}

/// A random network of `layers` layers, some of which add an earlier tensor of their result's shape.
IntegerNetwork random_network(Random& random, int layers) {
  Growing net(random, {random.between(1, 3), random.between(1, 40), random.between(3, 14),
                       random.between(3, 14)});
  for (int i = 0; i < layers; ++i) {
    const std::size_t from = random.chance(70) ? net.newest() : random.below(net.newest() + 1);
    const ImageShape in = net.shape(from);
    WindowAxis rows = random_window(random, in.rows);
    const WindowAxis columns = random_window(random, in.columns);
    if (columns.stride > 1 && columns.size <= columns.stride) rows.before = rows.after = 0;  // not supported
    const std::uint64_t draw = random.below(10);
    if (draw < 5) {
      net.add(IntegerKind::convolution, from, random.between(1, 40), rows, columns);
    } else if (draw < 7) {
      net.add(IntegerKind::depthwise, from, in.channels, rows, columns);
    } else if (draw < 8) {
      net.add(IntegerKind::max_pool, from, in.channels, rows, columns);
    } else {
      const WindowAxis same{.size = 3, .before = 1, .after = 1};
      const bool dense = random.chance(70);
      net.add(dense ? IntegerKind::convolution : IntegerKind::depthwise, from, in.channels,
              dense ? same : WindowAxis{}, dense ? same : WindowAxis{},
              from);
    }
  }
  return net.network();
}

TEST(VtaNetworkMemory, TensorsShareMemoryWhenTheyAreReadForTheLastTime) {
  IntegerNetwork network;
  network.tensors.resize(6);
  network.layers.resize(5);
  for (std::size_t l = 0; l < 5; ++l) network.layers[l].input = l;
  network.layers[3].other = 1;  // tensor 1 lives until layer 3
  // 1 lies at 0, 2 behind it; 3 behind 2, which layer 2 still reads; 4 where 2 was.
  const TensorPlaces places = place_tensors(network, {0, 100, 50, 70, 40, 0});
  EXPECT_EQ(places.offset, (std::vector<std::int64_t>{0, 0, 100, 150, 100, 0}));
  EXPECT_EQ(places.bytes, 220);
}

TEST(VtaNetwork, ReasonsNameTheLayer) {
  Random random(7);
  Growing net(random, {1, 16, 8, 8});
  net.add(IntegerKind::depthwise, 0, 16, {.size = 1, .before = 1}, {});
  const auto program = compile_network(net.network(), Config{});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error(), std::vector<std::string>{
                                 "layer0: padding of 1 and 0, at most 0 on a side are possible"});
}

TEST(VtaNetwork, RandomNetworksEqualTheReference) {
  Random random(5);
  for (int i = 0; i < effort(40); ++i) {
    SCOPED_TRACE(i);
    expect_equal_to_reference(random_network(random, 1 + i % 5), Config{}, random);
    if (HasFatalFailure()) return;
  }
}

// Layers of one shape whose biases take one and several entries of weights each.
TEST(VtaNetwork, TilingsAreSharedOnlyWhereConstantsTakeTheSameRoom) {
  Random random(8);
  Growing net(random, {1, 64, 7, 7});
  for (int i = 0; i < 3; ++i) net.add(IntegerKind::convolution, net.newest(), 64, {}, {});
  IntegerNetwork network = net.network();
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    for (std::int32_t& bias : network.layers[l].bias) bias = l == 0 ? 0 : 60000;
  }
  Config config;
  config.log_wgt_buff_size = 12;  // 16 tiles: all that a layer has, if nothing else is there
  expect_equal_to_reference(network, config, random);
}

// Two entries of inputs leave no room for a tensor that is added.
TEST(VtaNetwork, ABufferTooSmallForAnAddedTensorIsSaidToBe) {
  Random random(9);
  Growing net(random, {1, 16, 6, 6});
  net.add(IntegerKind::convolution, net.newest(), 16, {}, {});
  net.add(IntegerKind::convolution, net.newest(), 16, {}, {}, 1);
  Config config;
  config.log_inp_buff_size = 5;
  const auto program = compile_network(net.network(), config);
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().front().find("no tile fits the scratchpads"), std::string::npos)
      << program.error().front();
}

TEST(VtaNetwork, OtherShapesEqualTheReferenceToo) {
  Random random(6);
  for (const char* shape : {"4x16x16", "1x32x32", "16x16x16"}) {
    for (int i = 0; i < 6; ++i) {
      SCOPED_TRACE(std::string(shape) + " " + std::to_string(i));
      expect_equal_to_reference(random_network(random, 3), *config_of_shape(shape), random);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tileloom::target::vta
