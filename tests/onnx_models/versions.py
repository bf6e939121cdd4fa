"""What changed between operator sets: attributes that became inputs, operators that were renamed or came later."""

from case import text

# Constants of these cases: a = axes, s = starts, e = ends, t = steps, p = pads, n = sizes, k = a count
VERSIONS = [
    text("slice_opset9", 9, "float[6,8] x", "y = Slice<starts=[1,2], ends=[5,1000], axes=[0,1]>(x)"),
    text("slice_opset9_no_axes", 9, "float[6,8] x", "y = Slice<starts=[1,2], ends=[-1,-1]>(x)"),
    text("slice_opset10", 10, "float[6,8] x", "y = Slice(x, s, e, a, t)",
         constants="int64[1] s = {1}, int64[1] e = {7}, int64[1] a = {1}, int64[1] t = {2}"),
    text("slice_int32_bounds", 13, "float[6,8] x", "y = Slice(x, s, e, a)",
         constants="int32[1] s = {1}, int32[1] e = {4}, int32[1] a = {-1}"),
    text("pad_opset7", 7, "float[1,1,4,4] x", "y = Pad<pads=[0,0,1,1,0,0,2,2]>(x)"),
    text("pad_opset11", 11, "float[1,1,4,4] x", "y = Pad(x, p, v)",
         constants="int64[8] p = {0,0,1,1,0,0,2,2}, float v = {0}"),
    text("squeeze_opset11", 11, "float[1,3,1,4] x", "y = Squeeze<axes=[0,-2]>(x)"),
    text("squeeze_opset13", 13, "float[1,3,1,4] x", "y = Squeeze(x, a)", constants="int64[1] a = {0}"),
    text("squeeze_all", 13, "float[1,3,1,4] x", "y = Squeeze(x)"),
    text("unsqueeze_opset11", 11, "float[3,4] x", "y = Unsqueeze<axes=[0,3]>(x)"),
    text("unsqueeze_opset13", 13, "float[3,4] x", "y = Unsqueeze(x, a)", constants="int64[2] a = {0, -1}"),
    text("unsqueeze_unsorted", 13, "float[3,4] x", "y = Unsqueeze(x, a)", constants="int64[2] a = {3, 0}"),
    text("reduce_sum_opset11", 11, "float[2,3,4] x", "y = ReduceSum<axes=[1]>(x)"),
    text("reduce_sum_opset13", 13, "float[2,3,4] x", "y = ReduceSum<keepdims=0>(x, a)", constants="int64[1] a = {1}"),
    text("reduce_sum_noop", 13, "float[2,3,4] x", "y = ReduceSum<noop_with_empty_axes=1>(x)"),
    text("reduce_mean_opset17", 17, "float[2,3,4] x", "y = ReduceMean<axes=[-1]>(x)"),
    text("reduce_mean_opset18", 18, "float[2,3,4] x", "y = ReduceMean(x, a)", constants="int64[1] a = {-1}"),
    text("split_opset11", 11, "float[6,4] x", "a, y = Split<axis=0, split=[2,4]>(x)", "float a, float y"),
    text("split_opset11_equal", 11, "float[6,4] x", "a, b, y = Split(x)", "float a, float b, float y"),
    text("split_opset13", 13, "float[6,4] x", "a, y = Split<axis=1>(x, n)", "float a, float y",
         constants="int64[2] n = {1, 3}"),
    text("split_opset18_count", 18, "float[7,4] x", "a, b, y = Split<num_outputs=3>(x)", "float a, float b, float y"),
    text("clip_opset7", 7, "float[3,4] x", "y = Clip<min=0.0, max=6.0>(x)"),
    text("clip_opset11", 11, "float[3,4] x", "y = Clip(x, low, high)", constants="float low = {0}, float high = {6}"),
    text("clip_upper_only", 13, "float[3,4] x", "y = Clip(x, , high)", constants="float high = {6}"),
    text("dropout_opset7", 7, "float[3,4] x", "d = Dropout<ratio=0.5>(x) y = Relu(d)"),
    text("dropout_opset10_mask", 10, "float[3,4] x", "y, mask = Dropout<ratio=0.5>(x)", "float y, bool mask"),
    text("dropout_opset13", 13, "float[3,4] x", "d = Dropout(x, ratio, training) y = Relu(d)",
         constants="float ratio = {0.5}, bool training = {0}"),
    text("upsample_opset7", 7, "float[1,2,4,5] x", 'y = Upsample<mode="nearest", scales=[1.0,1.0,2.0,3.0]>(x)'),
    text("upsample_opset9", 9, "float[1,2,4,5] x", 'y = Upsample<mode="linear">(x, scales)',
         constants="float[4] scales = {1, 1, 2, 2}"),
    text("resize_opset10", 10, "float[1,2,4,5] x", "y = Resize(x, scales)", constants="float[4] scales = {1, 1, 2, 2}"),
    text("resize_opset11", 11, "float[1,2,4,5] x", "y = Resize(x, roi, scales)",
         constants="float[8] roi = {0,0,0,0,1,1,1,1}, float[4] scales = {1, 1, 0.5, 2}"),
    text("topk_opset9", 9, "float[3,8] x", "y, i = TopK<k=4>(x)", "float y, int64 i"),
    text("topk_opset10", 10, "float[3,8] x", "y, i = TopK(x, k)", "float y, int64 i", constants="int64[1] k = {4}"),
    text("topk_opset11", 11, "float[3,8] x", "y, i = TopK<axis=0, largest=0>(x, k)", "float y, int64 i",
         constants="int64[1] k = {2}"),
    text("scatter_opset9", 9, "float[3,4] x, int64[2,4] i, float[2,4] u", "y = Scatter(x, i, u)"),
    text("cast_opset6_style", 9, "float[3,4] x", "i = Cast<to=7>(x) y = Cast<to=1>(i)"),
    text("reshape_zero_copies", 13, "float[2,3,4] x", "y = Reshape(x, n)", constants="int64[3] n = {0, -1, 2}"),
    text("reshape_allow_zero", 14, "float[2,3] x", "y = Reshape<allowzero=1>(x, n)", constants="int64[2] n = {3, -1}"),
    text("shape_start_end", 15, "float[2,3,4] x", "s = Shape<start=1>(x) y = ConstantOfShape(s)"),
    text("constant_of_shape_scalar", 9, "float[3] x", "c = ConstantOfShape(n) y = Add(x, c)", constants="int64[0] n = {}"),
    text("batch_norm_spatial_opset8", 8, "float[2,3,4,5] x, float[3] s, float[3] b, float[3] m, float[3] v",
         "y = BatchNormalization<spatial=1>(x, s, b, m, v)"),
    text("add_opset13_broadcast", 13, "float[2,3,4] a, float[3,1] b", "y = Add(a, b)"),
]

# The same little network in every operator set
SAME_NETWORK = [
    text(f"conv_net_opset{opset}", opset, "float[1,3,8,8] x, float[4,3,3,3] w, float[4] b, float[10,64] fw, float[10] fb",
         "c = Conv<pads=[1,1,1,1], kernel_shape=[3,3]>(x, w, b) r = Relu(c) "
         "p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(r) f = Flatten(p) g = Gemm<transB=1>(f, fw, fb) "
         "y = Softmax(g)")
    for opset in range(7, 23)
]

CASES = VERSIONS + SAME_NETWORK
