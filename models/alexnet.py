"""AlexNet (Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012).

The original with two groups in layers 2, 4 and 5 and a 227 x 227 input; normalisation before pooling as in the paper.
"""

from build import Net


def alexnet():
    net = Net("alexnet", 8, node_names=False)

    def normalised_pool(x):
        x = net.op("LRN", [x], size=5, alpha=1e-4, beta=0.75, bias=2.0)
        return net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])

    x = net.relu(net.conv(net.input("data", [1, 3, 227, 227]), "conv1", 3, 96, 11, stride=4))
    x = net.relu(net.conv(normalised_pool(x), "conv2", 96, 256, 5, pad=2, groups=2))
    x = net.relu(net.conv(normalised_pool(x), "conv3", 256, 384, 3, pad=1))
    x = net.relu(net.conv(x, "conv4", 384, 384, 3, pad=1, groups=2))
    x = net.relu(net.conv(x, "conv5", 384, 256, 3, pad=1, groups=2))
    x = net.op("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])
    x = net.op("Flatten", [x])
    x = net.dropout(net.relu(net.gemm(x, "fc6", 9216, 4096)), 0.5)
    x = net.dropout(net.relu(net.gemm(x, "fc7", 4096, 4096)), 0.5)
    net.output("prob", [1, 1000], source=net.op("Softmax", [net.gemm(x, "fc8", 4096, 1000)]))
    return net


MODELS = [alexnet]
