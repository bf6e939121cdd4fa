"""DenseNet-121 (Huang et al., Densely Connected Convolutional Networks, CVPR 2017), growth rate 32.

Batch normalisation stands before ReLU and convolution, so it cannot be folded into the convolution behind it.
"""

from build import Net


def densenet121():
    net = Net("densenet121", 12, constants="node")

    def norm_relu_conv(x, name, c_in, c_out, kernel):
        x = net.relu(net.batch_norm(x, f"{name}.norm", c_in))
        return net.conv(x, f"{name}.conv", c_in, c_out, kernel, pad=kernel // 2, bias=False)

    x = net.conv(net.input("input", [1, 3, 224, 224]), "conv0", 3, 64, 7, stride=2, pad=3, bias=False)
    x = net.relu(net.batch_norm(x, "norm0", 64))
    x = net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for block, layers in enumerate([6, 12, 24, 16], start=1):
        parts = [x]
        for layer in range(1, layers + 1):
            name = f"denseblock{block}.denselayer{layer}"
            with net.scope(name):
                y = net.op("Concat", parts, axis=1)
                y = norm_relu_conv(y, f"{name}.1", channels, 128, 1)
                parts.append(norm_relu_conv(y, f"{name}.2", 128, 32, 3))
            channels += 32
        x = net.op("Concat", parts, axis=1)
        if block < 4:
            x = norm_relu_conv(x, f"transition{block}", channels, channels // 2, 1)
            x = net.op("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
            channels //= 2
    x = net.op("GlobalAveragePool", [net.relu(net.batch_norm(x, "norm5", channels))])
    x = net.op("Flatten", [x], axis=1)
    net.output("output", [1, 1000], source=net.gemm(x, "classifier", channels, 1000))
    return net


MODELS = [densenet121]
