#pragma once
// The state of one import: values by name, the tensors that hold them, the operators so far.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tileloom/io/onnx/graph.hpp"
#include "tileloom/io/onnx/import.hpp"

namespace tileloom::onnx_import {

/// The tensor that holds one value or several views of it.
struct Storage {
  Tensor tensor;                            ///< `kind` is decided at the end
  ElementType type = ElementType::float32;  ///< as stored (a dequantised value is stored narrow)
  bool constant = false;                    ///< known before the run
  bool given = false;                       ///< input of the graph
  bool result = false;                      ///< output of the graph
  bool shared = false;  ///< some view of it has not exactly one reader: nothing can fold into it
  bool listed = false;  ///< read or written by an unmapped node, so kept without an operator
  std::size_t writers = 0;  ///< operators that write it
  std::size_t writer = 0;   ///< the last of them
};

/// What is known of one name of the model.
struct Value {
  ElementType type = ElementType::undefined;
  std::optional<Shape> shape{};
  std::optional<Numbers> numbers{};  ///< the content, if small and known
  TensorId storage{};
  bool broken = false;  ///< made by a node with a mistake: readers stay silent
};

struct Network {
  const ImportOptions* options = nullptr;
  std::string file;
  std::map<std::string, std::int64_t> opsets;
  const std::map<std::string, Function>* functions = nullptr;
  int depth = 0;             ///< branches and functions inside each other, now
  std::int64_t numbers = 0;  ///< content of constants held so far
  std::size_t expanded = 0;  ///< nodes of branches and functions so far
  Diagnostics mistakes;
  std::unordered_map<std::string, Value> values;
  std::unordered_map<std::string, std::int64_t> readers;  ///< nodes that need a value's content
  std::unordered_map<std::string, Declaration> declared;  ///< shapes the file states
  PerId<TensorId, Storage> storages;
  std::vector<Operator> operators;
  std::vector<NodeCoverage> coverage;

  void mistake(std::string what, std::string hint) {
    mistakes.push_back({{file}, std::move(what), std::move(hint)});
  }
  /// Whether so much content may still be held; counts it if so.
  bool may_hold(const std::optional<Numbers>& content) {
    if (!content) return true;
    const auto count = static_cast<std::int64_t>(size(*content));
    if (numbers + count > kMostNumbersTogether) return false;
    numbers += count;
    return true;
  }
  TensorId add_storage(std::string name, ElementType type, const Shape& shape) {
    return storages.push_back({.tensor = {std::move(name), shape, bits_of(type)}, .type = type});
  }
};

/// Product of the extents, checked.
std::int64_t elements(const Shape& shape);

/// "[1, 3, 224, 224]".
std::string to_text(const Shape& shape);

}  // namespace tileloom::onnx_import
