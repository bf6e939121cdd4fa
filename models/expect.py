#!/usr/bin/env python3
"""Writes expected.json: what any reader of these files must find, computed without Tileloom.

Shapes come from ONNX's own inference, helped by folding shape arithmetic with ONNX's reference evaluator. Multiply-
accumulates follow from shapes in closed form, products with padding zeros counted, biases and everything else not:

    Conv           N K P Q (C / groups) R S          = output elements x weight elements per output channel
    ConvTranspose  N C K R S P_in Q_in / groups      = input elements x weight elements per input channel
    Gemm, MatMul   batch M N K                       = output elements x length of the contracted axis
    LSTM, GRU, RNN directions steps batch gates H (I + H), gates = 4, 3, 1
"""

import collections
import json
import math
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

FOLDER = pathlib.Path(__file__).resolve().parent
FOLD_LIMIT = 1 << 16  # elements; nothing that decides a shape is larger
CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}  # position of the weight
PRODUCTS = {"Gemm": (0, 1), "MatMul": (0, 1), "MatMulInteger": (0, 1), "QLinearMatMul": (0, 3)}
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def check(path):
    """The ONNX checker's opinion; it insists that external data exist, so an empty file stands in for them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / path.name
        copy.write_bytes(path.read_bytes())
        (pathlib.Path(folder) / "weights_not_shipped").touch()
        onnx.checker.check_model(str(copy), full_check=True)


def bind(model, sizes):
    """Replaces symbolic dimensions of inputs and outputs by numbers."""
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in sizes:
                dim.dim_value = sizes[dim.dim_param]


def has_values(tensor):
    fields = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data", "string_data")
    elements = math.prod(tensor.dims)
    return tensor.data_location != onnx.TensorProto.EXTERNAL and elements <= FOLD_LIMIT and \
        (elements == 0 or any(getattr(tensor, field) for field in fields))


def static_shapes(model):
    """Name to shape for every value whose sizes are all known."""
    shapes = {t.name: list(t.dims) for t in model.graph.initializer}
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        tensor = value.type.tensor_type
        if tensor.HasField("shape") and all(d.HasField("dim_value") for d in tensor.shape.dim):
            shapes[value.name] = [d.dim_value for d in tensor.shape.dim]
    return shapes


def evaluate(node, values, model):
    inputs = {i: values[i] for i in node.input if i}
    graph = helper.make_graph([node], "one", [helper.make_tensor_value_info(
        n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in inputs.items()],
        [helper.make_empty_tensor_value_info(o) for o in node.output])
    single = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return [np.asarray(v) for v in ReferenceEvaluator(single).run(None, inputs)]


def fold(model, shapes):
    """One sweep of constant folding; the number of nodes it replaced by initializers."""
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer if has_values(t)}
    kept, folded = [], 0
    for node in model.graph.node:
        if node.op_type == "Shape" and node.input[0] in shapes and not node.attribute:
            results = [np.array(shapes[node.input[0]], np.int64)]
        elif all(i in values for i in node.input if i) and node.op_type not in ("If", "Loop", "Scan") and \
                not (node.op_type == "ConstantOfShape" and values[node.input[0]].prod() > FOLD_LIMIT):
            results = evaluate(node, values, model)
        else:
            kept.append(node)
            continue
        folded += 1
        for name, value in zip(node.output, results):
            values[name] = value
            model.graph.initializer.append(numpy_helper.from_array(value, name))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return folded


def inferred(model):
    """The model with shape arithmetic folded, and all static shapes. Inputs with initial values count as constants."""
    initial = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initial]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 4)
    while True:
        model = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        shapes = static_shapes(model)
        if fold(model, shapes) == 0:
            return model, shapes
        del model.graph.value_info[:]


def attribute(node, name, default):
    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def macs(node, shapes):
    """(kind, multiply-accumulates) of one node, or None."""
    if node.op_type in CONVOLUTIONS:
        weight = shapes[node.input[CONVOLUTIONS[node.op_type]]]
        return "conv", math.prod(shapes[node.output[0]]) * math.prod(weight[1:])
    if node.op_type == "ConvTranspose":
        return "conv", math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])
    if node.op_type in PRODUCTS:
        a = shapes[node.input[PRODUCTS[node.op_type][0]]]
        inner = a[0] if attribute(node, "transA", 0) else a[-1]
        return "matmul", math.prod(shapes[node.output[0]]) * inner
    if node.op_type in GATES:
        steps, batch, width = shapes[node.input[0]]
        directions, rows, _ = shapes[node.input[1]]
        hidden = rows // GATES[node.op_type]
        return "recurrent", directions * steps * batch * rows * (width + hidden)
    return None


def values_of(infos):
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in infos}


def totals(model, binding):
    """MACs by kind and shapes of outputs under a binding of the symbolic dimensions."""
    bind(model, binding)
    model, shapes = inferred(model)
    sums = {"conv": 0, "matmul": 0, "recurrent": 0}
    for node in model.graph.node:
        if counted := macs(node, shapes):
            sums[counted[0]] += counted[1]
    sums["total"] = sum(sums.values())
    return {"binding": binding, "macs": sums, "outputs": {o.name: shapes[o.name] for o in model.graph.output}}


def expectation(path):
    check(path)
    model = onnx.load(path, load_external_data=False)
    initializers = {t.name for t in model.graph.initializer}
    histogram = collections.Counter(n.op_type for n in model.graph.node)
    symbols = sorted({d.dim_param for v in model.graph.input for d in v.type.tensor_type.shape.dim if d.dim_param})
    bindings = [{s: size for s in symbols} for size in (1, 8)] if symbols else [{}]
    return {
        "opset": model.opset_import[0].version,
        "ir_version": model.ir_version,
        "inputs": values_of(v for v in model.graph.input if v.name not in initializers),
        "nodes": len(model.graph.node),
        "ops": dict(sorted(histogram.items())),
        "cases": [totals(onnx.load(path, load_external_data=False), b) for b in bindings],
    }


def main():
    files = sorted(FOLDER.glob("*.onnx"))
    report = {path.name: expectation(path) for path in files}
    (FOLDER / "expected.json").write_text(json.dumps(report, indent=1) + "\n")
    for name, facts in report.items():
        sums = facts["cases"][0]["macs"]
        print(f"{name:28} opset {facts['opset']:2} {facts['nodes']:5} nodes {sums['conv']:>15,} conv"
              f" {sums['matmul']:>15,} matmul {sums['recurrent']:>11,} recurrent {sums['total']:>15,} total")


if __name__ == "__main__":
    sys.exit(main())
