#pragma once
// One function per family of operators; each is defined in the file of its name and adds its rules.

#include "tileloom/io/onnx/registry.hpp"

namespace tileloom::onnx_import {

void add_attention_rules(Registry& rules);
void add_cast_rules(Registry& rules);
void add_constant_rules(Registry& rules);
void add_convolution_rules(Registry& rules);
void add_conv_transpose_rules(Registry& rules);
void add_einsum_rules(Registry& rules);
void add_elementwise_rules(Registry& rules);
void add_matmul_rules(Registry& rules);
void add_movement_rules(Registry& rules);
void add_normalization_rules(Registry& rules);
void add_pooling_rules(Registry& rules);
void add_quantization_rules(Registry& rules);
void add_recurrent_rules(Registry& rules);
void add_reduction_rules(Registry& rules);
void add_resize_rules(Registry& rules);
void add_scatter_rules(Registry& rules);
void add_slice_rules(Registry& rules);
void add_softmax_rules(Registry& rules);
void add_view_rules(Registry& rules);

}  // namespace tileloom::onnx_import
