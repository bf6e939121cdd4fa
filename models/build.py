"""A small graph builder: what every network script in this folder is written with.

A `Net` collects nodes, inputs and weights and writes one ONNX file. Weights have a name, a shape and a type but no
values; how the file declares them is the net's `weights` idiom:

    external   initializers whose data lies in a file that is not shipped (as after "save as external data")
    fill       ConstantOfShape nodes fed by a shape initializer (as in the ONNX project's "light" models)
    input      plain graph inputs (as exporters do with "export parameters: no")

Integer constants that decide shapes (Reshape targets, axes, pads) always carry their values, either as initializers
or as Constant nodes (`constants`).
"""

import contextlib
import math

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FLOAT, FLOAT16, BFLOAT16 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16
INT8, UINT8, INT32, INT64, BOOL = (TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64,
                                   TensorProto.BOOL)
BYTES = {FLOAT: 4, FLOAT16: 2, BFLOAT16: 2, INT8: 1, UINT8: 1, INT32: 4, INT64: 8, BOOL: 1}

WEIGHT_FILE = "weights_not_shipped"

# The IR version that was current when an operator set came out; exporters of the time wrote this one.
IR_VERSION = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}


class Net:
    def __init__(self, name, opset, *, weights="external", constants="initializer", node_names=True, ir_version=None,
                 producer="tileloom models", domains=()):
        self.name, self.opset, self.producer = name, opset, producer
        self.weights_idiom, self.constants_idiom, self.node_names = weights, constants, node_names
        self.ir_version = ir_version or IR_VERSION[opset]
        self.domains = domains
        self.nodes, self.inputs, self.outputs, self.initializers = [], [], [], []
        self._scopes, self._uses, self._external_bytes = [], {}, 0

    # ---- names -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def scope(self, name):
        """Nodes made inside get this prefix, as module paths do: /layer1/layer1.0/Conv_output_0."""
        self._scopes.append(name)
        yield
        self._scopes.pop()

    def _unique(self, stem):
        path = "/".join(["", *self._scopes, stem])
        uses = self._uses[path] = self._uses.get(path, -1) + 1
        return path if uses == 0 else f"{path}_{uses}"

    # ---- what a graph is made of -------------------------------------------------------------------------------

    def input(self, name, shape, dtype=FLOAT):
        """`shape` entries are sizes, or names of symbolic dimensions."""
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name, shape, dtype=FLOAT, source=None):
        """Declares a graph output; with `source`, that value is renamed to `name` first."""
        if source is not None:
            self._rename(source, name)
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def _rename(self, old, new):
        for node in self.nodes:
            for names in (node.input, node.output):
                for i, value in enumerate(names):
                    if value == old:
                        names[i] = new

    def op(self, op_type, inputs, outputs=1, *, domain="", **attributes):
        """Appends a node; the value of its one output, or a tuple if there are several.

        An input that is None is an omitted optional one; attributes that are None are left out."""
        path = self._unique(op_type)
        values = [f"{path}_output_{i}" for i in range(outputs)]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        node = helper.make_node(op_type, ["" if i is None else i for i in inputs], values,
                                name=path if self.node_names else "", domain=domain, **attributes)
        self.nodes.append(node)
        return values[0] if outputs == 1 else tuple(values)

    def weight(self, name, shape, dtype=FLOAT):
        """A parameter without values, declared by the net's idiom."""
        if self.weights_idiom == "input":
            return self.input(name, shape, dtype)
        if self.weights_idiom == "fill":
            return self._fill(name, shape, dtype)
        tensor = TensorProto(name=name, data_type=dtype, dims=shape, data_location=TensorProto.EXTERNAL)
        length = math.prod(shape) * BYTES[dtype]
        for key, value in (("location", WEIGHT_FILE), ("offset", self._external_bytes), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        self._external_bytes += length
        self.initializers.append(tensor)
        return name

    def _fill(self, name, shape, dtype):
        self.initializers.append(numpy_helper.from_array(np.array(shape, np.int64), name + "_shape"))
        value = helper.make_tensor("value", dtype, [1], [0.02])
        self.nodes.append(helper.make_node("ConstantOfShape", [name + "_shape"], [name], value=value))
        return name

    def const(self, values, dtype=np.int64, name=None):
        """A small constant with its values: an initializer or a Constant node, by the net's idiom."""
        array = np.array(values, dtype)
        if self.constants_idiom == "node":
            return self.op("Constant", [], value=numpy_helper.from_array(array))
        name = name or self._unique("const")
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def scalar(self, value, dtype=np.float32):
        return self.const(value, dtype)

    # ---- operators whose form depends on the operator set ------------------------------------------------------

    def _axes(self, op_type, since, x, axes, **attributes):
        """`axes` became an input of Squeeze, Unsqueeze and ReduceSum in 13, of the other reductions in 18."""
        if self.opset >= since:
            return self.op(op_type, [x, self.const(axes)], **attributes)
        return self.op(op_type, [x], axes=axes, **attributes)

    def squeeze(self, x, axes):
        return self._axes("Squeeze", 13, x, axes)

    def unsqueeze(self, x, axes):
        return self._axes("Unsqueeze", 13, x, axes)

    def reduce_sum(self, x, axes, keepdims=1):
        return self._axes("ReduceSum", 13, x, axes, keepdims=keepdims)

    def reduce_mean(self, x, axes, keepdims=1):
        return self._axes("ReduceMean", 18, x, axes, keepdims=keepdims)

    def split(self, x, axis, sizes):
        if self.opset >= 13:
            return self.op("Split", [x, self.const(sizes)], len(sizes), axis=axis)
        return self.op("Split", [x], len(sizes), axis=axis, split=sizes)

    def slice(self, x, starts, ends, axes):
        """Bounds are lists of numbers, or (from 10) names of values."""
        if self.opset < 10:
            return self.op("Slice", [x], starts=starts, ends=ends, axes=axes)
        bounds = [v if isinstance(v, str) else self.const(v) for v in (starts, ends, axes)]
        return self.op("Slice", [x, *bounds, self.const([1] * len(axes))])

    def clip(self, x, low, high, dtype=np.float32):
        if self.opset >= 11:
            return self.op("Clip", [x, self.scalar(low, dtype), self.scalar(high, dtype)])
        return self.op("Clip", [x], min=float(low), max=float(high))

    def dropout(self, x, ratio, mask=False):
        outputs = 2 if mask else 1
        if self.opset >= 12:
            y = self.op("Dropout", [x, self.scalar(ratio), self.const(False, np.bool_)], outputs)
        else:
            y = self.op("Dropout", [x], outputs, ratio=float(ratio))
        return y[0] if mask else y

    # ---- layers ------------------------------------------------------------------------------------------------

    def conv(self, x, name, channels_in, channels_out, kernel, *, stride=1, pad=0, groups=1, dilation=1, bias=True,
             auto_pad=None):
        """2-D convolution; sizes are one number for both axes or a pair."""
        r, s = pair(kernel)
        weights = [self.weight(f"{name}.weight", [channels_out, channels_in // groups, r, s])]
        if bias:
            weights.append(self.weight(f"{name}.bias", [channels_out]))
        pads = None if auto_pad else [*pair(pad), *pair(pad)]
        return self.op("Conv", [x, *weights], kernel_shape=[r, s], strides=pair(stride), pads=pads, auto_pad=auto_pad,
                       group=groups, dilations=pair(dilation))

    def batch_norm(self, x, name, channels):
        parameters = [self.weight(f"{name}.{p}", [channels]) for p in ("weight", "bias", "running_mean", "running_var")]
        return self.op("BatchNormalization", [x, *parameters], epsilon=1e-5, momentum=0.9)

    def relu(self, x):
        return self.op("Relu", [x])

    def gemm(self, x, name, features_in, features_out):
        """y = x W' + b with W stored as (out, in), as frameworks do."""
        w, b = self.weight(f"{name}.weight", [features_out, features_in]), self.weight(f"{name}.bias", [features_out])
        return self.op("Gemm", [x, w, b], alpha=1.0, beta=1.0, transB=1)

    def linear(self, x, name, features_in, features_out, bias=True, dtype=FLOAT):
        """The same on the last axis of any tensor: MatMul, and Add for the bias."""
        y = self.op("MatMul", [x, self.weight(f"{name}.weight_t", [features_in, features_out], dtype)])
        return self.op("Add", [self.weight(f"{name}.bias", [features_out], dtype), y]) if bias else y

    # ---- shape arithmetic, as tracing exporters write it when a size might change ------------------------------

    def dim(self, x, axis):
        """x.size(axis) as a scalar: Shape, Gather."""
        return self.op("Gather", [self.op("Shape", [x]), self.const(axis)], axis=0)

    def shape_of(self, *sizes):
        """A shape from numbers and scalar values: each Unsqueezed, then Concat."""
        parts = [self.unsqueeze(s if isinstance(s, str) else self.const(s), [0]) for s in sizes]
        return self.op("Concat", parts, axis=0)

    def reshape(self, x, *sizes):
        """Reshape to a constant shape if all sizes are numbers, else to a computed one."""
        if all(isinstance(s, int) for s in sizes):
            return self.op("Reshape", [x, self.const(sizes)])
        return self.op("Reshape", [x, self.shape_of(*sizes)])

    # ---- the file ----------------------------------------------------------------------------------------------

    def model(self):
        inputs = list(self.inputs)
        if self.ir_version < 4:  # until IR 4 every initializer had to be a graph input, too
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in self.initializers]
        graph = helper.make_graph(self.nodes, self.name, inputs, self.outputs, self.initializers)
        opsets = [helper.make_opsetid("", self.opset), *(helper.make_opsetid(d, 1) for d in self.domains)]
        return helper.make_model(graph, producer_name=self.producer, ir_version=self.ir_version, opset_imports=opsets)

    def bytes(self):
        return self.model().SerializeToString(deterministic=True)


def pair(size):
    return [size, size] if isinstance(size, int) else list(size)
