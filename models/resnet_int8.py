"""ResNet-18 quantised to 8 bits, in the two forms tools write (topology: see resnet.py, batch normalisation folded).

qdq      every tensor passes QuantizeLinear and DequantizeLinear, operators stay float (per-channel int8 weights,
         int32 biases); a compiler has to fold the pairs to find the integer convolution
qlinear  QLinearConv and QLinearMatMul on uint8 activations; additions go through Dequantize, Add, Quantize
"""

import numpy as np

from build import INT8, INT32, UINT8, Net, pair
from resnet import STAGES


def residual_features(net, x, conv, join):
    """The trunk of ResNet-18; `conv(x, name, c_in, c_out, kernel, stride, relu)`, `join(x, y)` adds with ReLU."""
    x = conv(x, "conv1", 3, 64, 7, 2, True)
    x = net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    c_in = 64
    for stage, blocks in enumerate(STAGES[18], start=1):
        width = 32 << stage
        for i in range(blocks):
            name, stride = f"layer{stage}.{i}", 2 if stage > 1 and i == 0 else 1
            y = conv(x, f"{name}.conv1", c_in, width, 3, stride, True)
            y = conv(y, f"{name}.conv2", width, width, 3, 1, False)
            if c_in != width:
                x = conv(x, f"{name}.downsample", c_in, width, 1, stride, False)
            x = join(y, x)
            c_in = width
    return x


def resnet18_qdq():
    net = Net("resnet18_qdq", 13)
    scale, zero = net.scalar(0.05), net.const(0, np.int8)

    def quantised(x):
        return net.op("DequantizeLinear", [net.op("QuantizeLinear", [x, scale, zero]), scale, zero])

    def parameter(name, shape, dtype):
        """Integer values with one scale per output channel."""
        channel = net.weight(f"{name}_scale", [shape[0]]), net.weight(f"{name}_zero_point", [shape[0]], dtype)
        return net.op("DequantizeLinear", [net.weight(f"{name}_quantized", shape, dtype), *channel], axis=0)

    def conv(x, name, c_in, c_out, kernel, stride, relu):
        w, b = parameter(f"{name}.weight", [c_out, c_in, kernel, kernel], INT8), parameter(f"{name}.bias", [c_out], INT32)
        y = net.op("Conv", [x, w, b], kernel_shape=pair(kernel), strides=pair(stride), pads=[kernel // 2] * 4)
        return quantised(net.relu(y) if relu else y)

    def join(x, y):
        return quantised(net.relu(net.op("Add", [x, y])))

    x = residual_features(net, quantised(net.input("input", [1, 3, 224, 224])), conv, join)
    x = net.op("Flatten", [quantised(net.op("GlobalAveragePool", [x]))], axis=1)
    w, b = parameter("fc.weight", [1000, 512], INT8), parameter("fc.bias", [1000], INT32)
    net.output("output", [1, 1000], source=quantised(net.op("Gemm", [x, w, b], transB=1)))
    return net


def resnet18_qlinear():
    net = Net("resnet18_qlinear", 12)  # MaxPool takes integers from 12 on
    scale, zero = net.scalar(0.05), net.const(128, np.uint8)

    def quantise(x):
        return net.op("QuantizeLinear", [x, scale, zero])

    def dequantise(x):
        return net.op("DequantizeLinear", [x, scale, zero])

    def weight(name, shape, channels):
        return (net.weight(f"{name}_quantized", shape, INT8), net.weight(f"{name}_scale", [channels]),
                net.weight(f"{name}_zero_point", [channels], INT8))

    def conv(x, name, c_in, c_out, kernel, stride, relu):
        # The ReLU is in the output's range: its zero point is the smallest representable number.
        w = weight(f"{name}.weight", [c_out, c_in, kernel, kernel], c_out)
        b = net.weight(f"{name}.bias_quantized", [c_out], INT32)
        return net.op("QLinearConv", [x, scale, zero, *w, scale, zero, b], kernel_shape=pair(kernel),
                      strides=pair(stride), pads=[kernel // 2] * 4)

    def join(x, y):
        return quantise(net.relu(net.op("Add", [dequantise(x), dequantise(y)])))

    x = quantise(net.input("input", [1, 3, 224, 224]))
    x = dequantise(residual_features(net, x, conv, join))
    x = quantise(net.op("Flatten", [net.op("GlobalAveragePool", [x])], axis=1))
    w = net.weight("fc.weight_quantized", [512, 1000], INT8), net.scalar(0.01), net.const(0, np.int8)
    x = dequantise(net.op("QLinearMatMul", [x, scale, zero, *w, scale, zero]))
    x = net.op("Add", [x, net.weight("fc.bias", [1000])])
    net.output("output", [1, 1000], source=x)
    return net


MODELS = [resnet18_qdq, resnet18_qlinear]
