"""Pieces that BERT, GPT-2, LLaMA and ViT share, written out as exporters of the time did."""

import math

from build import FLOAT


def layer_norm_primitive(net, x, name, width, epsilon=1e-12):
    """LayerNorm before operator set 17: mean, difference, variance, square root, division, scale and shift."""
    with net.scope("LayerNorm"):
        centred = net.op("Sub", [x, net.reduce_mean(x, [-1])])
        variance = net.reduce_mean(net.op("Pow", [centred, net.scalar(2.0)]), [-1])
        deviation = net.op("Sqrt", [net.op("Add", [variance, net.scalar(epsilon)])])
        y = net.op("Mul", [net.op("Div", [centred, deviation]), net.weight(f"{name}.weight", [width])])
        return net.op("Add", [y, net.weight(f"{name}.bias", [width])])


def layer_norm(net, x, name, width, epsilon=1e-6):
    """The operator of that name, from 17."""
    return net.op("LayerNormalization", [x, net.weight(f"{name}.weight", [width]), net.weight(f"{name}.bias", [width])],
                  axis=-1, epsilon=epsilon)


def gelu_erf(net, x):
    """x/2 (1 + erf(x / sqrt 2)): Div, Erf, Add, Mul, Mul."""
    with net.scope("gelu"):
        e = net.op("Erf", [net.op("Div", [x, net.scalar(math.sqrt(2))])])
        y = net.op("Mul", [x, net.op("Add", [e, net.scalar(1.0)])])
        return net.op("Mul", [y, net.scalar(0.5)])


def gelu_tanh(net, x):
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), GPT-2's."""
    with net.scope("gelu_new"):
        cube = net.op("Mul", [net.op("Pow", [x, net.scalar(3.0)]), net.scalar(0.044715)])
        t = net.op("Tanh", [net.op("Mul", [net.op("Add", [x, cube]), net.scalar(math.sqrt(2 / math.pi))])])
        return net.op("Mul", [net.op("Mul", [x, net.scalar(0.5)]), net.op("Add", [t, net.scalar(1.0)])])


def rms_norm(net, x, name, width, dtype=FLOAT, epsilon=1e-5):
    """x / sqrt(mean(x^2) + epsilon), computed in single precision around a half-precision tensor."""
    with net.scope("rms_norm"):
        y = x if dtype == FLOAT else net.op("Cast", [x], to=FLOAT)
        square = net.reduce_mean(net.op("Pow", [y, net.scalar(2.0)]), [-1])
        root = net.op("Sqrt", [net.op("Add", [square, net.scalar(epsilon)])])
        y = net.op("Mul", [y, net.op("Reciprocal", [root])])
        y = y if dtype == FLOAT else net.op("Cast", [y], to=dtype)
        return net.op("Mul", [net.weight(f"{name}.weight", [width], dtype), y])
