"""Files that are no usable model. Each has exactly one thing wrong with it."""

from onnx import TensorProto, helper

from case import Case, text


def good():
    return text("good", 13, "float[1,3,8,8] x, float[4,3,3,3] w", "c = Conv(x, w) y = Relu(c)",
                "float[y_dim_0, y_dim_1, y_dim_2, y_dim_3] y").model


def edited(name, edit, error, **expected):
    model = good()
    edit(model.graph)
    return Case(name, model, error=error, checked=False, **expected)


GOOD = good().SerializeToString(deterministic=True)


def cycle(graph):
    graph.node[0].input[0] = "y"


def self_loop(graph):
    graph.node[1].input[0] = "y"


def duplicate_output(graph):
    graph.node[1].output[0] = "c"
    graph.output[0].name = "c"


def output_names_input(graph):
    graph.node[0].output[0] = "x"


def missing_input(graph):
    graph.node[0].input[1] = "nowhere"


def missing_output(graph):
    graph.output[0].name = "nowhere"


def no_graph(graph):
    graph.Clear()


def weight_of_wrong_rank(graph):
    del graph.input[1].type.tensor_type.shape.dim[3]


def channels_disagree(graph):
    graph.input[0].type.tensor_type.shape.dim[1].dim_value = 5


def negative_size(graph):
    graph.input[0].type.tensor_type.shape.dim[2].dim_value = -8


def kernel_larger_than_image(graph):
    for axis in (2, 3):
        graph.input[0].type.tensor_type.shape.dim[axis].dim_value = 2


def conv_without_weight(graph):
    del graph.node[0].input[1]


def zero_stride(graph):
    graph.node[0].attribute.append(helper.make_attribute("strides", [0, 0]))


def zero_groups(graph):
    graph.node[0].attribute.append(helper.make_attribute("group", 0))


def groups_do_not_divide(graph):
    graph.node[0].attribute.append(helper.make_attribute("group", 2))


def attribute_of_wrong_type(graph):
    graph.node[0].attribute.append(helper.make_attribute("strides", "two"))


def too_few_pads(graph):
    graph.node[0].attribute.append(helper.make_attribute("pads", [1, 1]))


def sizes_overflow(graph):
    for axis in range(4):
        graph.input[0].type.tensor_type.shape.dim[axis].dim_value = 1 << 40


def sequence_input(graph):
    graph.input[0].CopyFrom(helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, [2]))


def initializer_too_short(graph):
    graph.initializer.append(TensorProto(name="w", dims=[4, 3, 3, 3], data_type=TensorProto.FLOAT, raw_data=b"1234567"))


def empty_operator_type(graph):
    graph.node[0].op_type = ""


def flipped(content, position):
    changed = bytearray(content)
    changed[position] ^= 0xFF
    return bytes(changed)


BYTES = [
    Case("empty_file", content=b"", error="not a model"),
    Case("text_file", content=b"architecture:\n  name: not an ONNX file\n", error="not a model"),
    Case("truncated_half", content=GOOD[: len(GOOD) // 2], error="not a model"),
    Case("truncated_last_byte", content=GOOD[:-1], error="not a model"),
    Case("corrupted_length", content=flipped(GOOD, GOOD.index(b"Conv") - 1), error="not a model"),
    Case("zeros", content=bytes(64), error="not a model"),
    Case("huge_length_prefix", content=b"\x3a\xff\xff\xff\xff\x07" + bytes(16), error="not a model"),
]

GRAPHS = [
    edited("cyclic", cycle, "cycle"),
    edited("self_loop", self_loop, "cycle"),
    edited("duplicate_output", duplicate_output, "duplicate"),
    edited("output_names_input", output_names_input, "duplicate"),
    edited("missing_input", missing_input, "missing"),
    edited("missing_output", missing_output, "missing"),
    edited("no_graph", no_graph, "not a model"),
    edited("weight_of_wrong_rank", weight_of_wrong_rank, "shape"),
    edited("channels_disagree", channels_disagree, "shape"),
    edited("negative_size", negative_size, "shape"),
    edited("kernel_larger_than_image", kernel_larger_than_image, "shape"),
    edited("conv_without_weight", conv_without_weight, "missing"),
    edited("zero_stride", zero_stride, "attribute"),
    edited("zero_groups", zero_groups, "attribute"),
    edited("groups_do_not_divide", groups_do_not_divide, "shape"),
    edited("attribute_of_wrong_type", attribute_of_wrong_type, "attribute"),
    edited("too_few_pads", too_few_pads, "attribute"),
    edited("sizes_overflow", sizes_overflow, "too large"),
    edited("sequence_input", sequence_input, "shape"),
    edited("empty_operator_type", empty_operator_type, "any"),
    # The values of a weight do not matter, so a reader may ignore that they are too few.
    edited("initializer_too_short", initializer_too_short, None, outputs={"y": [1, 4, 6, 6]},
           macs={"conv": 4 * 6 * 6 * 3 * 9}),
]

SHAPES = [
    text("empty_dimension", 13, "float[0,3] x", "y = Relu(x)", error="shape"),
    text("no_nodes", 13, "float[2,3,4] x", "", "float[2,3,4] x", error="not a model"),
    text("matmul_inner_disagrees", 13, "float[5,7] a, float[6,3] b", "y = MatMul(a, b)", error="shape", checked=False),
    text("add_not_broadcastable", 13, "float[5,7] a, float[6] b", "y = Add(a, b)", error="shape", checked=False),
    text("reshape_wrong_size", 13, "float[5,7] x", "y = Reshape(x, n)", constants="int64[2] n = {6, 6}", error="shape",
         checked=False),
    text("reshape_two_unknown", 13, "float[5,7] x", "y = Reshape(x, n)", constants="int64[2] n = {-1, -1}",
         error="shape", checked=False),
    text("concat_disagrees", 13, "float[2,3] a, float[4,5] b", "y = Concat<axis=0>(a, b)", error="shape", checked=False),
    text("axis_out_of_range", 13, "float[2,3] x", "y = ReduceMax<axes=[5]>(x)", error="attribute", checked=False),
    text("transpose_bad_perm", 13, "float[2,3] x", "y = Transpose<perm=[0,0]>(x)", error="attribute", checked=False),
    text("concat_without_axis", 13, "float[2,3] x", "y = Concat(x)", error="attribute", checked=False),
    text("split_sizes_disagree", 13, "float[6] x", "a, y = Split<axis=0>(x, n)", "float a, float y",
         constants="int64[2] n = {2, 3}", error="shape", checked=False),
    text("expand_impossible", 13, "float[2,3] x", "y = Expand(x, n)", constants="int64[2] n = {2, 4}", error="shape",
         checked=False),
    text("einsum_sizes_disagree", 13, "float[5,7] a, float[6,3] b", 'y = Einsum<equation="ij,jk->ik">(a, b)',
         error="shape", checked=False),
    text("einsum_bad_equation", 13, "float[5,7] a", 'y = Einsum<equation="ij-ji">(a)', error="attribute", checked=False),
    text("huge_tile", 13, "float[2,3] x", "y = Tile(x, n)",
         constants="int64[2] n = {4611686018427387904, 4611686018427387904}", error="too large", checked=False),
    text("huge_constant_of_shape", 13, "float[2] x", "c = ConstantOfShape(n) y = Add(x, c)",
         constants="int64[2] n = {4611686018427387904, 2}", error="too large", checked=False),
    text("huge_range", 13, "float[2] x", "r = Range(a, b, d) y = Add(x, r)",
         constants="int64 a = {0}, int64 b = {9223372036854775807}, int64 d = {1}", error="shape", checked=False),
]

CASES = BYTES + GRAPHS + SHAPES
