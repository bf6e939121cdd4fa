"""Constants in every encoding, and the ways a file may declare its weights.

Each constant decides a shape, so a reader that misreads it finds a wrong output: x is 2 x 3 x 4, y is 4 x 6.
"""

import struct

import numpy as np
from onnx import SparseTensorProto, StringStringEntryProto, TensorProto, helper, numpy_helper

from case import Case, text

TARGET = np.array([4, 6], np.int64)


def model(nodes, initializers=(), inputs=None, opset=13, ir_version=7, outputs=("y",), sparse=()):
    """x (2 x 3 x 4) and the given nodes; outputs have a type but no shape."""
    inputs = inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3, 4])]
    declared = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs]
    graph = helper.make_graph(nodes, "encoding", inputs, declared, list(initializers), sparse_initializer=list(sparse))
    return helper.make_model(graph, ir_version=ir_version, opset_imports=[helper.make_opsetid("", opset)])


def reshape(shape="n"):
    return helper.make_node("Reshape", ["x", shape], ["y"])


def tensor(data_type=TensorProto.INT64, dims=(2,), name="n", **fields):
    """A tensor with exactly these fields set."""
    t = TensorProto(name=name, data_type=data_type, dims=dims)
    for field, value in fields.items():
        if isinstance(value, bytes):
            setattr(t, field, value)
        else:
            getattr(t, field).extend(value)
    return t


def external(name, data_type, dims, **entries):
    t = TensorProto(name=name, data_type=data_type, dims=dims, data_location=TensorProto.EXTERNAL)
    t.external_data.extend(StringStringEntryProto(key=k, value=v) for k, v in entries.items())
    return t


def through_cast(name, t):
    """A target that is not int64 goes through Cast."""
    t.name = "raw"
    return Case(name, model([helper.make_node("Cast", ["raw"], ["n"], to=TensorProto.INT64), reshape()], [t]))


RAW = struct.pack("<2q", 4, 6)

TENSORS = [
    Case("const_raw_data", model([reshape()], [tensor(raw_data=RAW)])),
    Case("const_int64_data", model([reshape()], [tensor(int64_data=[4, 6])])),
    through_cast("const_int32_data", tensor(TensorProto.INT32, int32_data=[4, 6])),
    through_cast("const_int32_raw", tensor(TensorProto.INT32, raw_data=struct.pack("<2i", 4, 6))),
    through_cast("const_int8_in_int32_data", tensor(TensorProto.INT8, int32_data=[4, 6])),
    through_cast("const_uint8_raw", tensor(TensorProto.UINT8, raw_data=bytes([4, 6]))),
    through_cast("const_int16_raw", tensor(TensorProto.INT16, raw_data=struct.pack("<2h", 4, 6))),
    through_cast("const_uint64_data", tensor(TensorProto.UINT64, uint64_data=[4, 6])),
    through_cast("const_uint32_in_uint64_data", tensor(TensorProto.UINT32, uint64_data=[4, 6])),
    through_cast("const_float_data", tensor(TensorProto.FLOAT, float_data=[4, 6])),
    through_cast("const_float_raw", tensor(TensorProto.FLOAT, raw_data=struct.pack("<2f", 4, 6))),
    through_cast("const_double_data", tensor(TensorProto.DOUBLE, double_data=[4, 6])),
    through_cast("const_double_raw", tensor(TensorProto.DOUBLE, raw_data=struct.pack("<2d", 4, 6))),
    through_cast("const_float16_raw", tensor(TensorProto.FLOAT16, raw_data=np.array([4, 6], "<f2").tobytes())),
    through_cast("const_float16_in_int32_data",
                 tensor(TensorProto.FLOAT16, int32_data=[int(v) for v in np.array([4, 6], np.float16).view(np.uint16)])),
    through_cast("const_bfloat16_raw", tensor(TensorProto.BFLOAT16, raw_data=struct.pack("<2H", 0x4080, 0x40C0))),
    Case("const_scalar", model([helper.make_node("Unsqueeze", ["k", "zero"], ["u"]),
                                helper.make_node("Concat", ["u", "rest"], ["n"], axis=0), reshape()],
                               [tensor(name="k", dims=(), int64_data=[4]), tensor(name="zero", dims=(1,), int64_data=[0]),
                                tensor(name="rest", dims=(1,), raw_data=struct.pack("<q", -1))])),
    Case("const_string_unused", model([helper.make_node("Identity", ["label"], ["unused"]), reshape()],
                                      [tensor(raw_data=RAW), tensor(TensorProto.STRING, (1,), "label",
                                                                    string_data=[b"cat"])])),
    Case("const_empty_name_node", model([helper.make_node("Constant", [], ["n"], name="", value=tensor(raw_data=RAW)),
                                         reshape()])),
    Case("const_int4_weight", model(
        [helper.make_node("DequantizeLinear", ["w", "s"], ["wd"]), helper.make_node("MatMul", ["x", "wd"], ["y"])],
        [tensor(TensorProto.INT4, (4, 3), "w", raw_data=bytes(6)), tensor(TensorProto.FLOAT, (), "s", float_data=[1.0])],
        opset=21, ir_version=10)),
    Case("const_sparse_initializer", model([helper.make_node("MatMul", ["x", "w"], ["y"])], sparse=[SparseTensorProto(
        values=tensor(TensorProto.FLOAT, (2,), "w", float_data=[1, 2]), dims=[4, 5],
        indices=tensor(TensorProto.INT64, (2,), "", int64_data=[0, 7]))]),
         checked=False, outputs={"y": [2, 3, 5]}, macs={"matmul": 2 * 3 * 5 * 4}),
]


def constant_node(name, **attribute):
    """The target from a Constant node; values that are no int64 vector are made one."""
    nodes = [helper.make_node("Constant", [], ["c"], **attribute)]
    kind = next(iter(attribute))
    if kind in ("value_int", "value_float"):
        nodes.append(helper.make_node("Constant", [], ["shape"], value_ints=[1]))
        nodes.append(helper.make_node("Cast", ["c"], ["whole"], to=TensorProto.INT64))
        nodes.append(helper.make_node("Reshape", ["whole", "shape"], ["first"]))
        nodes.append(helper.make_node("Constant", [], ["minus_one"], value_ints=[-1]))
        nodes.append(helper.make_node("Concat", ["first", "minus_one"], ["n"], axis=0))
    elif kind == "value_floats":
        nodes.append(helper.make_node("Cast", ["c"], ["n"], to=TensorProto.INT64))
    else:
        nodes.append(helper.make_node("Identity", ["c"], ["n"]))
    return Case(name, model([*nodes, reshape()]))


CONSTANT_NODES = [
    constant_node("constant_value", value=numpy_helper.from_array(TARGET)),
    constant_node("constant_value_ints", value_ints=[4, 6]),
    constant_node("constant_value_int", value_int=4),
    constant_node("constant_value_floats", value_floats=[4.0, 6.0]),
    constant_node("constant_value_float", value_float=4.0),
    Case("constant_value_string_unused", model([helper.make_node("Constant", [], ["label"], value_string="cat"),
                                                reshape()], [tensor(raw_data=RAW)])),
    # Operator set 7 allows only float Constants, yet exporters of its time wrote integers.
    Case("constant_int64_opset7", model([helper.make_node("Constant", [], ["n"], value=numpy_helper.from_array(TARGET)),
                                         reshape()], opset=7, ir_version=3), checked=False),
    Case("constant_of_shape_default", model([helper.make_node("ConstantOfShape", ["s"], ["w"]),
                                             helper.make_node("MatMul", ["x", "w"], ["y"])],
                                            [tensor(name="s", int64_data=[4, 5])])),
    Case("constant_of_shape_int64", model([
        helper.make_node("ConstantOfShape", ["s"], ["n"], value=tensor(name="v", dims=(1,), int64_data=[1])),
        helper.make_node("Expand", ["x", "n"], ["y"])], [tensor(name="s", dims=(1,), int64_data=[4])])),
]

MATMUL = [helper.make_node("MatMul", ["x", "w"], ["y"])]
WEIGHT_INPUT = helper.make_tensor_value_info("w", TensorProto.FLOAT, [4, 5])
X_INPUT = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3, 4])
SMALL_WEIGHT = numpy_helper.from_array(np.ones((4, 5), np.float32), "w")

WEIGHTS = [
    Case("weight_initializer", model(MATMUL, [SMALL_WEIGHT])),
    Case("weight_is_input_too_ir3", model(MATMUL, [SMALL_WEIGHT], [X_INPUT, WEIGHT_INPUT], opset=8, ir_version=3)),
    Case("weight_is_input_too_ir8", model(MATMUL, [SMALL_WEIGHT], [X_INPUT, WEIGHT_INPUT], ir_version=8)),
    Case("weight_plain_input", model(MATMUL, [], [X_INPUT, WEIGHT_INPUT])),
    Case("weight_input_listed_first", model(MATMUL, [SMALL_WEIGHT], [WEIGHT_INPUT, X_INPUT], opset=8, ir_version=3)),
    Case("weight_external_present", model(MATMUL, [external("w", TensorProto.FLOAT, [4, 5], location="present.bin",
                                                            offset="0", length="80")])),
    Case("weight_external_absent", model(MATMUL, [external("w", TensorProto.FLOAT, [4, 5], location="absent.bin")]),
         checked=False),
    Case("weight_external_folder", model(MATMUL, [external("w", TensorProto.FLOAT, [4, 5], location="a/b/absent.bin")]),
         checked=False),
    Case("weight_external_outside", model(MATMUL, [external("w", TensorProto.FLOAT, [4, 5], location="../../etc/passwd")]),
         checked=False),
    Case("weight_external_huge_offset", model(MATMUL, [external(
        "w", TensorProto.FLOAT, [4, 5], location="absent.bin", offset="18446744073709551615", length="-1")]),
         checked=False),
    Case("weight_without_values", model(MATMUL, [tensor(TensorProto.FLOAT, (4, 5), "w")]), checked=False),
    Case("weight_unused", model([reshape()], [tensor(raw_data=RAW), SMALL_WEIGHT])),
    Case("weight_identity_chain", model([helper.make_node("Identity", ["w"], ["w1"]),
                                         helper.make_node("Identity", ["w1"], ["w2"]),
                                         helper.make_node("MatMul", ["x", "w2"], ["y"])], [SMALL_WEIGHT])),
    Case("weight_transposed_by_node", model([helper.make_node("Transpose", ["w"], ["wt"], perm=[1, 0]),
                                             helper.make_node("MatMul", ["x", "wt"], ["y"])],
                                            [external("w", TensorProto.FLOAT, [5, 4], location="absent.bin")]),
         checked=False),
    Case("weight_computed", model([helper.make_node("Mul", ["w", "scale"], ["ws"]),
                                   helper.make_node("MatMul", ["x", "ws"], ["y"])],
                                  [SMALL_WEIGHT, tensor(TensorProto.FLOAT, (5,), "scale", float_data=[1] * 5)])),
    Case("weight_is_output_too", model(MATMUL, [SMALL_WEIGHT], outputs=("y", "w"))),
]

IDENTITIES = [
    text("identity_chain", 13, "float[2,3,4] x", "a = Identity(x) b = Identity(a) y = Identity(b)"),
    text("identity_only", 13, "float[2,3,4] x", "y = Identity(x)"),
    text("identity_shape_chain", 13, "float[2,3,4] x", "a = Identity(n) b = Identity(a) y = Reshape(x, b)",
         constants="int64[2] n = {4, 6}"),
    text("identity_two_outputs", 13, "float[2,3,4] x", "y = Relu(x) z = Identity(y)", "float y, float z"),
    text("input_is_output", 13, "float[2,3,4] x", "y = Relu(x)", "float y, float[2,3,4] x"),
    text("dead_branch", 13, "float[2,3,4] x", "unused = Exp(x) y = Relu(x)"),
]

CASES = TENSORS + CONSTANT_NODES + WEIGHTS + IDENTITIES
