#include "tileloom/io/onnx/registry.hpp"

#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {

const Registry& registry() {
  static const Registry rules = [] {
    Registry all;
    add_attention_rules(all);
    add_cast_rules(all);
    add_constant_rules(all);
    add_convolution_rules(all);
    add_conv_transpose_rules(all);
    add_einsum_rules(all);
    add_elementwise_rules(all);
    add_matmul_rules(all);
    add_movement_rules(all);
    add_normalization_rules(all);
    add_pooling_rules(all);
    add_quantization_rules(all);
    add_recurrent_rules(all);
    add_reduction_rules(all);
    add_resize_rules(all);
    add_scatter_rules(all);
    add_slice_rules(all);
    add_softmax_rules(all);
    add_view_rules(all);
    return all;
  }();
  return rules;
}

}  // namespace tileloom::onnx_import
