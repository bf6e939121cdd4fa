"""Shape arithmetic, symbolic dimensions, control flow, foreign domains, order and names."""

from onnx import TensorProto, helper

from case import Case, text

ARITHMETIC = [
    text("shape_gather_concat", 11, "float[2,3,4] x",
         "s = Shape(x) g = Gather<axis=0>(s, zero) u = Unsqueeze<axes=[0]>(g) n = Concat<axis=0>(u, rest) "
         "y = Reshape(x, n)", constants="int64 zero = {0}, int64[1] rest = {-1}"),
    text("shape_slice", 11, "float[2,3,4] x", "s = Shape(x) h = Slice(s, a, b) n = Concat<axis=0>(h, rest) y = Reshape(x, n)",
         constants="int64[1] a = {0}, int64[1] b = {1}, int64[1] rest = {-1}"),
    text("shape_floor_div", 13, "float[1,8,6,6] x",
         "s = Shape(x) c = Gather(s, one) h = Div(c, two) u = Unsqueeze(h, zero) n = Concat<axis=0>(rest, u, w) "
         "y = Reshape(x, n)",
         constants="int64 one = {1}, int64 two = {2}, int64[1] zero = {0}, int64[1] rest = {-1}, int64[1] w = {12}"),
    text("shape_float_round_trip", 13, "float[1,2,4,5] x",
         "s = Shape(x) hw = Slice(s, two, four) f = Cast<to=1>(hw) d = Mul(f, factor) o = Floor(d) i = Cast<to=7>(o) "
         "nc = Slice(s, zero, two) n = Concat<axis=0>(nc, i) y = Resize<mode=\"nearest\">(x, , , n)",
         constants="int64[1] zero = {0}, int64[1] two = {2}, int64[1] four = {4}, float factor = {1.5}"),
    text("shape_reduce_prod", 13, "float[2,3,4] x",
         "s = Shape(x) p = ReduceProd<keepdims=1>(s) y = Reshape(x, p)"),
    text("shape_size", 13, "float[2,3,4] x", "s = Size(x) u = Unsqueeze(s, zero) y = Reshape(x, u)",
         constants="int64[1] zero = {0}"),
    text("shape_expand_where", 13, "float[1,3,1] x, float[2,1,4] like",
         "s = Shape(like) e = Equal(s, one) n = Where(e, three, s) y = Expand(x, n)",
         constants="int64[1] one = {1}, int64[3] three = {2, 3, 4}"),
    text("shape_range_arange", 13, "float[2,6,4] x",
         "s = Shape(x) l = Gather(s, one) r = Range(zero, l, one) y = Gather<axis=1>(x, r)",
         constants="int64 zero = {0}, int64 one = {1}"),
    text("shape_split", 13, "float[2,3,4] x",
         "s = Shape(x) a, b = Split<axis=0>(s, sizes) p = ReduceProd<keepdims=1>(b) n = Concat<axis=0>(p, a) "
         "y = Reshape(x, n)", constants="int64[2] sizes = {1, 2}"),
    text("shape_scatter", 13, "float[2,3,4] x",
         "s = Shape(x) n = ScatterND(s, i, u) y = Reshape(x, n)",
         constants="int64[2,1] i = {0, 1}, int64[2] u = {3, 2}"),
    text("shape_min_max_mod", 13, "float[2,3,4] x",
         "s = Shape(x) m = Mod(s, two) one = Max(m, ones) y = Tile(x, one)",
         constants="int64[1] two = {2}, int64[1] ones = {1}"),
    text("pad_computed", 13, "float[1,1,5,5] x",
         "s = Shape(x) h = Gather(s, i) m = Mod(h, four) d = Sub(four, m) u = Unsqueeze(d, zero) "
         "p = Concat<axis=0>(a, u, b) y = Pad(x, p)",
         constants="int64 i = {2}, int64 four = {4}, int64[1] zero = {0}, int64[6] a = {0,0,0,0,0,0}, int64[1] b = {0}"),
]

SYMBOLS = [
    text("symbolic_batch", 13, "float[batch,3,8,8] x, float[4,3,3,3] w", "y = Conv(x, w)", bind={"batch": 5}),
    text("symbolic_two", 13, "float[batch,length,16] x, float[16,8] w", "y = MatMul(x, w)",
         bind={"batch": 2, "length": 7}),
    text("symbolic_shared", 13, "float[n,4] a, float[4,n] b", "y = MatMul(a, b)", bind={"n": 3}),
    text("symbolic_flatten", 13, "float[batch,3,4] x, float[12,5] w",
         "s = Shape(x) b = Gather(s, zero) u = Unsqueeze(b, axis) n = Concat<axis=0>(u, rest) f = Reshape(x, n) "
         "y = MatMul(f, w)", constants="int64 zero = {0}, int64[1] axis = {0}, int64[1] rest = {-1}", bind={"batch": 6}),
    text("symbolic_spatial", 13, "float[1,3,height,width] x, float[4,3,3,3] w",
         "y = Conv<strides=[2,2], pads=[1,1,1,1]>(x, w)", bind={"height": 33, "width": 20}),
    text("symbolic_only_in_output", 13, "float[2,3] x", "y = Relu(x)", "float[other,3] y"),
    text("symbolic_unbound", 13, "float[batch,3] x", "y = Relu(x)", error="unbound dimension"),
    text("unnamed_dimension", 13, "float[?,3] x", "y = Relu(x)", error="unbound dimension"),
    text("input_without_shape", 13, "float[] x", "y = Relu(x)", error="unbound dimension", checked=False),
]


def with_branch():
    """If on an input: which branch runs is unknown, so the node cannot be mapped; both give 2 x 3."""
    info = helper.make_tensor_value_info("b", TensorProto.FLOAT, [2, 3])
    branches = {f"{side}_branch": helper.make_graph([helper.make_node(op, ["x"], ["b"])], side, [], [info])
                for side, op in (("then", "Relu"), ("else", "Neg"))}
    nodes = [helper.make_node("If", ["c"], ["i"], **branches), helper.make_node("Exp", ["i"], ["y"])]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3]),
              helper.make_tensor_value_info("c", TensorProto.BOOL, [])]
    return plain(nodes, inputs)


def with_loop():
    """Loop over 5 trips of y = y W; the trip count is a constant."""
    body = helper.make_graph(
        [helper.make_node("MatMul", ["v", "w"], ["v_out"]), helper.make_node("Identity", ["go"], ["go_out"])], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("v", TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("go_out", TensorProto.BOOL, []),
         helper.make_tensor_value_info("v_out", TensorProto.FLOAT, [2, 3])])
    trips = helper.make_tensor("trips", TensorProto.INT64, [], [5])
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3]),
              helper.make_tensor_value_info("w", TensorProto.FLOAT, [3, 3])]
    return plain([helper.make_node("Loop", ["trips", "", "x"], ["l"], body=body),
                  helper.make_node("Relu", ["l"], ["y"])], inputs, [trips])


def plain(nodes, inputs, initializers=(), functions=(), domains=()):
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
                              list(initializers))
    opsets = [helper.make_opsetid("", 15), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, ir_version=8, opset_imports=opsets, functions=list(functions))


def with_function():
    """A model-local function, as newer exporters write: Doubled(x) = x + x."""
    function = helper.make_function("local", "Doubled", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
                                    [helper.make_opsetid("", 15)])
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])]
    return plain([helper.make_node("Doubled", ["x"], ["d"], domain="local"), helper.make_node("Relu", ["d"], ["y"])],
                 inputs, functions=[function], domains=["local"])


CONTROL = [
    Case("if_both_branches", with_branch(), unmapped=("If",)),
    Case("loop_constant_trips", with_loop(), unmapped=("Loop",), macs={}),
    Case("model_function", with_function(), unmapped=("Doubled",)),
    text("reshape_unknown_target", 13, "float[5,7] x, int64[2] n", "y = Reshape(x, n)", "float[y_dim_0, y_dim_1] y",
         outputs={"y": None}, unmapped=("Reshape",)),
    text("non_zero", 13, "float[2,3] x", "y = NonZero(x)", "int64[2, y_dim_1] y", outputs={"y": None}, unmapped=("NonZero",)),
]

MS = "com.microsoft"
DOMAINS = [
    text("custom_domain_end", 13, "float[2,3] x", "r = Relu(x) y = my.own.Magic(r)", "float[2,3] y", domains="my.own",
         unmapped=("Magic",)),
    text("custom_domain_middle", 13, "float[2,3] x", "m = my.own.Magic(x) y = Relu(m)", "float[y_dim_0, y_dim_1] y", domains="my.own",
         outputs={"y": None}, unmapped=("Magic",)),
    text("unknown_operator", 13, "float[2,3] x", "y = FluxCapacitor(x)", "float[2,3] y", unmapped=("FluxCapacitor",),
         checked=False),
    text("ms_fused_conv", 13, "float[1,3,8,8] x, float[4,3,3,3] w",
         'y = com.microsoft.FusedConv<activation="Relu", pads=[1,1,1,1]>(x, w)', "float[1,4,8,8] y", domains=MS,
         macs={"conv": 4 * 8 * 8 * 3 * 9}, unmapped=("FusedConv",)),
    text("ms_attention", 13, "float[1,6,8] x, float[8,24] w, float[24] b",
         "y = com.microsoft.Attention<num_heads=2>(x, w, b)", "float[1,6,8] y", domains=MS,
         macs={"matmul": 6 * 24 * 8 + 2 * 6 * 6 * 8}, unmapped=("Attention",)),
    text("ms_gelu", 13, "float[2,3] x", "y = com.microsoft.Gelu(x)", "float[2,3] y", domains=MS, unmapped=("Gelu",)),
    text("ms_skip_layer_norm", 13, "float[1,6,8] x, float[1,6,8] s, float[8] g",
         "y = com.microsoft.SkipLayerNormalization(x, s, g)", "float[1,6,8] y", domains=MS,
         unmapped=("SkipLayerNormalization",)),
    text("ai_onnx_domain_spelled_out", 13, "float[2,3] x", "y = ai.onnx.Relu(x)", domains="ai.onnx", checked=False,
         outputs={"y": [2, 3]}),
]


def odd_name():
    model = text("x", 13, "float[2,3] x", "r = Relu(x) y = Neg(r)").model
    names = {"x": "gpu_0/data:0", "r": "Größe \"a\" \n<b>", "y": "y"}
    model.graph.input[0].name = names["x"]
    for node in model.graph.node:
        node.input[:] = [names[i] for i in node.input]
        node.output[:] = [names[o] for o in node.output]
    return model


def repeated_node_names():
    model = text("x", 13, "float[2,3] x", "r = Relu(x) y = Neg(r)").model
    for node in model.graph.node:
        node.name = "same"
    return model


def wrong_value_info():
    """The file's own intermediate shapes are wrong (a stale exporter); inference from the inputs is right."""
    model = text("x", 13, "float[2,3] x", "r = Relu(x) y = Neg(r)").model
    model.graph.value_info.append(helper.make_tensor_value_info("r", TensorProto.FLOAT, ["batch", 3]))
    return model


def unsorted_nodes():
    """A consumer stands before its producer: forbidden by the standard, met in edited files."""
    model = text("x", 13, "float[2,3] x", "r = Relu(x) y = Neg(r)").model
    first, second = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([second, first])
    return model


def newer_opset():
    model = text("x", 13, "float[2,3] x", "y = Relu(x)").model
    model.opset_import[0].version = 99
    return model


def many_nodes(count=2000):
    nodes = [helper.make_node("Relu" if i % 2 else "Neg", [f"v{i}" if i else "x"], [f"v{i + 1}"]) for i in range(count)]
    nodes[-1].output[0] = "y"
    return plain(nodes, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])])


ODDITIES = [
    Case("odd_names", odd_name()),
    Case("repeated_node_names", repeated_node_names()),
    Case("symbolic_value_info", wrong_value_info(), checked=False),
    Case("unsorted_nodes", unsorted_nodes(), checked=False, outputs={"y": [2, 3]}),
    Case("opset_99", newer_opset(), checked=False),
    Case("chain_of_2000", many_nodes()),
    text("no_node_but_constant", 13, "", "y = Constant<value_floats=[1.0, 2.0]>()"),
    text("sequence_construct", 13, "float[2,3] a, float[2,3] b",
         "q = SequenceConstruct(a, b) y = ConcatFromSequence<axis=0>(q)",
         unmapped=("SequenceConstruct", "ConcatFromSequence")),
]

CASES = ARITHMETIC + SYMBOLS + CONTROL + DOMAINS + ODDITIES
