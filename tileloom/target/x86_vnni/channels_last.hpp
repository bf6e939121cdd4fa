#pragma once
#include "tileloom/workload/workload.hpp"

namespace tileloom::x86_vnni {

/// The same operator with its inputs and output seen with the channels innermost: [N, H, W, (G,) C]
/// and [N, P, Q, (G,) K], and with its ranks in the order of that memory, N … P Q G K R S C. Axes
/// keep their order otherwise; ranks are known by their names (make_conv, make_matmul, the ONNX
/// reader). An operator without a rank C is returned as it is.
Operator channels_last(const Operator& op);

}  // namespace tileloom::x86_vnni
