"""GoogLeNet, the first Inception network (Szegedy et al., Going Deeper with Convolutions, CVPR 2015), main branch."""

from build import Net

# Table 1 of the paper: input channels, 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection
INCEPTION = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


def googlenet():
    net = Net("googlenet", 10)

    def conv(x, name, c_in, c_out, kernel, stride=1):
        return net.relu(net.conv(x, name, c_in, c_out, kernel, stride=stride, pad=kernel // 2))

    def halve(x):
        return net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)

    def inception(x, name):
        c_in, direct, reduce3, conv3, reduce5, conv5, projection = INCEPTION[name]
        with net.scope(f"inception_{name}"):
            pooled = net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
            branches = [
                conv(x, f"{name}.1x1", c_in, direct, 1),
                conv(conv(x, f"{name}.3x3_reduce", c_in, reduce3, 1), f"{name}.3x3", reduce3, conv3, 3),
                conv(conv(x, f"{name}.5x5_reduce", c_in, reduce5, 1), f"{name}.5x5", reduce5, conv5, 5),
                conv(pooled, f"{name}.pool_proj", c_in, projection, 1),
            ]
            return net.op("Concat", branches, axis=1)

    x = halve(conv(net.input("input", [1, 3, 224, 224]), "conv1.7x7", 3, 64, 7, stride=2))
    x = net.op("LRN", [x], size=5, alpha=1e-4, beta=0.75, bias=1.0)
    x = conv(conv(x, "conv2.3x3_reduce", 64, 64, 1), "conv2.3x3", 64, 192, 3)
    x = halve(net.op("LRN", [x], size=5, alpha=1e-4, beta=0.75, bias=1.0))
    for name in INCEPTION:
        x = inception(x, name)
        if name in ("3b", "4e"):
            x = halve(x)
    x = net.dropout(net.op("Flatten", [net.op("GlobalAveragePool", [x])], axis=1), 0.4)
    net.output("output", [1, 1000], source=net.gemm(x, "loss3.classifier", 1024, 1000))
    return net


MODELS = [googlenet]
