"""VGG-16 and VGG-19 (Simonyan and Zisserman, Very Deep Convolutional Networks, ICLR 2015; configurations D and E)."""

from build import Net

CONVS_PER_STAGE = {16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4]}
WIDTHS = [64, 128, 256, 512, 512]


def vgg(net, depth):
    x, c_in, layer = net.input("data", [1, 3, 224, 224]), 3, 0
    for convs, width in zip(CONVS_PER_STAGE[depth], WIDTHS):
        for _ in range(convs):
            x, c_in, layer = net.relu(net.conv(x, f"features.{layer}", c_in, width, 3, pad=1)), width, layer + 1
        x = net.op("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = net.reshape(x, 1, 25088)
    for i, features in enumerate([25088, 4096]):
        x = net.relu(net.gemm(x, f"classifier.{i}", features, 4096))
        x = net.dropout(x, 0.5, mask=True)
    x = net.op("Softmax", [net.gemm(x, "classifier.2", 4096, 1000)], axis=1)
    net.output("prob", [1, 1000], source=x)
    return net


def vgg16():
    """Operator set 7: weights are graph inputs without values; only the Reshape target is an initializer."""
    return vgg(Net("vgg16", 7, weights="input", node_names=False), 16)


def vgg19():
    """IR 3: weights are ConstantOfShape fills whose shapes are initializers and inputs at once."""
    return vgg(Net("vgg19", 9, weights="fill", ir_version=3, node_names=False), 19)


MODELS = [vgg16, vgg19]
