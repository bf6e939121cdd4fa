"""EfficientNet-B0 (Tan and Le, EfficientNet, ICML 2019), 224 x 224; SiLU as Sigmoid and Mul, squeeze-and-excitation."""

from build import Net

# Table 1 of the paper: expansion, kernel, stride of the first, output channels, repeats
STAGES = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
          (6, 3, 1, 320, 1)]


def efficientnet_b0():
    net = Net("efficientnet_b0", 18)

    def silu(x):
        return net.op("Mul", [x, net.op("Sigmoid", [x])])

    def conv(x, name, c_in, c_out, kernel, stride=1, groups=1, activate=True):
        y = net.conv(x, name, c_in, c_out, kernel, stride=stride, pad=kernel // 2, groups=groups)
        return silu(y) if activate else y

    def squeeze_excite(x, name, channels, squeezed):
        with net.scope("se"):
            s = net.reduce_mean(x, [2, 3])
            s = silu(net.conv(s, f"{name}.fc1", channels, squeezed, 1))
            return net.op("Mul", [net.op("Sigmoid", [net.conv(s, f"{name}.fc2", squeezed, channels, 1)]), x])

    x, c_in = conv(net.input("input", [1, 3, 224, 224]), "stem", 3, 32, 3, stride=2), 32
    for stage, (expansion, kernel, first_stride, width, repeats) in enumerate(STAGES, start=1):
        for i in range(repeats):
            name, stride, hidden = f"blocks.{stage}.{i}", first_stride if i == 0 else 1, expansion * c_in
            with net.scope(name):
                y = x if expansion == 1 else conv(x, f"{name}.expand", c_in, hidden, 1)
                y = conv(y, f"{name}.depthwise", hidden, hidden, kernel, stride=stride, groups=hidden)
                y = squeeze_excite(y, f"{name}.se", hidden, c_in // 4)
                y = conv(y, f"{name}.project", hidden, width, 1, activate=False)
                x = net.op("Add", [y, x]) if stride == 1 and c_in == width else y
            c_in = width
    x = net.reduce_mean(conv(x, "head", 320, 1280, 1), [2, 3], keepdims=0)
    net.output("output", [1, 1000], source=net.gemm(x, "classifier", 1280, 1000))
    return net


MODELS = [efficientnet_b0]
