#pragma once
// The model's graph as plain values, free of protobuf.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tileloom::onnx_import {

using Shape = std::vector<std::int64_t>;

/// Limits that keep hostile files harmless.
inline constexpr std::size_t kMostDimensions = 32;
inline constexpr std::int64_t kMostFoldedNumbers = 1 << 12;
inline constexpr std::int64_t kMostNumbersTogether = 1 << 24;
inline constexpr std::int64_t kLargestExtent = std::int64_t{1} << 40;

/// The ONNX code of an element type (TensorProto.DataType).
enum class ElementType : std::int32_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  complex64 = 14,
  complex128 = 15,
  bfloat16 = 16
};

/// Stored bits of one element; 32 for a type this version does not know.
std::int64_t bits_of(ElementType type);
bool is_integer(ElementType type);

/// The content of a small constant, row-major.
using Numbers = std::variant<std::vector<std::int64_t>, std::vector<double>>;
std::size_t size(const Numbers& numbers);
/// As integers; floats are truncated, and those outside 64 bits saturate.
std::vector<std::int64_t> as_integers(const Numbers& numbers);
std::vector<double> as_floats(const Numbers& numbers);

/// A constant tensor of the file. `numbers` only if it is small and present.
struct Literal {
  ElementType type = ElementType::undefined;
  Shape shape;
  std::optional<Numbers> numbers;
};

struct Graph;

struct Attribute {
  std::optional<std::int64_t> i;
  std::optional<double> f;
  std::optional<std::string> s;
  std::vector<std::int64_t> ints;
  std::vector<double> floats;
  std::vector<std::string> strings;
  std::optional<Literal> literal;
  std::shared_ptr<const Graph> graph;
  std::string reference;  ///< inside a function: the caller's attribute of this name
};

struct Node {
  std::string name;
  std::string domain;  ///< empty for the ONNX domain
  std::string type;
  std::vector<std::string> inputs;  ///< empty name: an optional input left out
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
};

/// One dimension of a declared shape: a size, a symbol, or nothing known.
struct Dimension {
  std::optional<std::int64_t> size;
  std::string symbol;
};

/// A declared tensor (graph input, output, or intermediate).
struct Declaration {
  std::string name;
  ElementType type = ElementType::undefined;
  std::optional<std::vector<Dimension>> shape;
};

struct Graph {
  std::string name;
  std::vector<Declaration> inputs;
  std::vector<Declaration> outputs;
  std::vector<Declaration> values;  ///< shapes the exporter wrote down
  std::vector<std::pair<std::string, Literal>> initializers;
  std::vector<Node> nodes;
};

/// A function that the file defines: its nodes read `inputs` and make `outputs`.
struct Function {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Node> nodes;
};

/// "Type", or "domain/Type" outside the ONNX domain.
std::string full_type(const Node& node);

struct Model {
  std::map<std::string, std::int64_t> opsets;  ///< by domain, "" = ONNX
  std::map<std::string, Function> functions;   ///< by full type
  Graph graph;
};

}  // namespace tileloom::onnx_import
