"""ResNet (He et al., Deep Residual Learning for Image Recognition, CVPR 2016), 224 x 224 x 3, 1000 classes.

Bottleneck blocks have their stride on the 3x3 convolution ("v1.5", as frameworks ship it): 4.09 GMAC for ResNet-50.
"""

from build import Net

STAGES = {18: [2, 2, 2, 2], 50: [3, 4, 6, 3]}


class ResNet:
    """`fold_bn`: batch normalisation folded into the convolution, which then has a bias."""

    def __init__(self, net, depth, fold_bn):
        self.net, self.depth, self.fold_bn = net, depth, fold_bn

    def conv(self, x, name, c_in, c_out, kernel, stride=1):
        x = self.net.conv(x, name, c_in, c_out, kernel, stride=stride, pad=kernel // 2, bias=self.fold_bn)
        return x if self.fold_bn else self.net.batch_norm(x, name.replace("conv", "bn"), c_out)

    def basic_block(self, x, name, c_in, width, stride):
        y = self.net.relu(self.conv(x, f"{name}.conv1", c_in, width, 3, stride))
        return self.conv(y, f"{name}.conv2", width, width, 3)

    def bottleneck(self, x, name, c_in, width, stride):
        y = self.net.relu(self.conv(x, f"{name}.conv1", c_in, width, 1))
        y = self.net.relu(self.conv(y, f"{name}.conv2", width, width, 3, stride))
        return self.conv(y, f"{name}.conv3", width, 4 * width, 1)

    def features(self, x):
        net = self.net
        block, expansion = (self.bottleneck, 4) if self.depth >= 50 else (self.basic_block, 1)
        x = net.relu(self.conv(x, "conv1", 3, 64, 7, stride=2))
        x = net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        c_in = 64
        for stage, blocks in enumerate(STAGES[self.depth], start=1):
            width = 32 << stage
            for i in range(blocks):
                name, stride = f"layer{stage}.{i}", 2 if stage > 1 and i == 0 else 1
                with net.scope(f"layer{stage}"), net.scope(name):
                    y = block(x, name, c_in, width, stride)
                    if stride != 1 or c_in != expansion * width:
                        x = self.conv(x, f"{name}.downsample.conv", c_in, expansion * width, 1, stride)
                    x = net.relu(net.op("Add", [y, x]))
                c_in = expansion * width
        return x, c_in


def resnet18():
    net = Net("resnet18", 13)
    x, features = ResNet(net, 18, fold_bn=True).features(net.input("input", [1, 3, 224, 224]))
    x = net.op("Flatten", [net.op("GlobalAveragePool", [x])], axis=1)
    net.output("output", [1, 1000], source=net.gemm(x, "fc", features, 1000))
    return net


def resnet50():
    net = Net("resnet50", 9)
    x, features = ResNet(net, 50, fold_bn=False).features(net.input("input", [1, 3, 224, 224]))
    x = net.op("AveragePool", [x], kernel_shape=[7, 7])
    x = net.reshape(x, 1, -1)
    x = net.op("Softmax", [net.gemm(x, "fc", features, 1000)], axis=1)
    net.output("output", [1, 1000], source=x)
    return net


def resnet18_batch():
    """A symbolic batch: the flatten before the classifier computes its shape from the input's."""
    net = Net("resnet18_batch", 17, constants="node")
    x, features = ResNet(net, 18, fold_bn=False).features(net.input("input", ["batch", 3, 224, 224]))
    x = net.op("GlobalAveragePool", [x])
    x = net.reshape(x, net.dim(x, 0), -1)
    net.output("output", ["batch", 1000], source=net.gemm(x, "fc", features, 1000))
    return net


MODELS = [resnet18, resnet50, resnet18_batch]
