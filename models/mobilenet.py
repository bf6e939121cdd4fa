"""MobileNetV1 (Howard et al., 2017, arXiv:1704.04861) and V2 (Sandler et al., CVPR 2018), width 1, 224 x 224."""

from build import Net


def mobilenet_v1():
    """As converted from a framework with channels last: Transpose in front, SAME padding, ReLU6 as Clip."""
    net = Net("mobilenet_v1", 11)

    def conv(x, name, c_in, c_out, kernel, stride=1, groups=1):
        y = net.conv(x, name, c_in, c_out, kernel, stride=stride, groups=groups, auto_pad="SAME_UPPER")
        return net.clip(y, 0, 6)

    x = net.op("Transpose", [net.input("input:0", [1, 224, 224, 3])], perm=[0, 3, 1, 2])
    x = conv(x, "Conv2d_0", 3, 32, 3, stride=2)
    widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    c_in = 32
    for i, width in enumerate(widths, start=1):
        stride = 2 if width != c_in and i > 1 else 1
        with net.scope(f"Conv2d_{i}"):
            x = conv(x, f"Conv2d_{i}_depthwise", c_in, c_in, 3, stride=stride, groups=c_in)
            x = conv(x, f"Conv2d_{i}_pointwise", c_in, width, 1)
        c_in = width
    x = net.op("GlobalAveragePool", [x])
    x = net.conv(x, "Logits", 1024, 1000, 1)
    x = net.squeeze(x, [2, 3])
    net.output("softmax:0", [1, 1000], source=net.op("Softmax", [x], axis=1))
    return net


# Table 2 of the paper: expansion, output channels, repeats, stride of the first
INVERTED_RESIDUALS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                      (6, 320, 1, 1)]


def mobilenet_v2():
    """Batch normalisation separate, ReLU6 as Clip with attributes, mean over the image by ReduceMean."""
    net = Net("mobilenet_v2", 10, constants="node")

    def conv(x, name, c_in, c_out, kernel, stride=1, groups=1, relu=True):
        y = net.conv(x, f"{name}.0", c_in, c_out, kernel, stride=stride, pad=kernel // 2, groups=groups, bias=False)
        y = net.batch_norm(y, f"{name}.1", c_out)
        return net.clip(y, 0, 6) if relu else y

    x, c_in, block = conv(net.input("input", [1, 3, 224, 224]), "features.0", 3, 32, 3, stride=2), 32, 1
    for expansion, width, repeats, first_stride in INVERTED_RESIDUALS:
        for i in range(repeats):
            name, stride, hidden = f"features.{block}", first_stride if i == 0 else 1, expansion * c_in
            with net.scope(name):
                y = x if expansion == 1 else conv(x, f"{name}.expand", c_in, hidden, 1)
                y = conv(y, f"{name}.depthwise", hidden, hidden, 3, stride=stride, groups=hidden)
                y = conv(y, f"{name}.project", hidden, width, 1, relu=False)
                x = net.op("Add", [x, y]) if stride == 1 and c_in == width else y
            c_in, block = width, block + 1
    x = net.reduce_mean(conv(x, "features.18", 320, 1280, 1), [2, 3], keepdims=0)
    x = net.dropout(x, 0.2)
    net.output("output", [1, 1000], source=net.gemm(x, "classifier.1", 1280, 1000))
    return net


MODELS = [mobilenet_v1, mobilenet_v2]
