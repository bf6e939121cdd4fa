"""Image-to-image networks that depth-first schedulers are measured with.

Sizes follow the workloads of DeFiNES (Mei et al., HPCA 2023); but these are the networks as published, with padded
convolutions that keep the image size, where DeFiNES' descriptions are unpadded and start from a larger image.
"""

from build import Net


def fsrcnn():
    """FSRCNN(56,12,4), factor 2 (Dong et al., Accelerating the Super-Resolution CNN, ECCV 2016): 540 x 960 to full HD."""
    net = Net("fsrcnn", 9)

    def conv(x, name, c_in, c_out, kernel):
        x = net.conv(x, name, c_in, c_out, kernel, pad=kernel // 2)
        return net.op("PRelu", [x, net.weight(f"{name}.slope", [c_out, 1, 1])])

    x = conv(net.input("luma", [1, 1, 540, 960]), "feature", 1, 56, 5)
    x = conv(x, "shrink", 56, 12, 1)
    for i in range(4):
        x = conv(x, f"map{i}", 12, 12, 3)
    x = conv(x, "expand", 12, 56, 1)
    w, b = net.weight("deconv.weight", [56, 1, 9, 9]), net.weight("deconv.bias", [1])
    x = net.op("ConvTranspose", [x, w, b], kernel_shape=[9, 9], strides=[2, 2], pads=[4, 4, 4, 4], output_padding=[1, 1])
    net.output("upscaled", [1, 1, 1080, 1920], source=x)
    return net


def mccnn_fast():
    """One tower of MC-CNN-fst, four layers of 64 maps (Zbontar and LeCun, JMLR 2016), on a KITTI image of 376 x 1242.

    Both images of a stereo pair pass it; the descriptors are normalised for their cosine similarity."""
    net = Net("mccnn_fast", 9, weights="fill")
    x, c_in = net.input("image", [1, 1, 376, 1242]), 1
    for i in range(4):
        x, c_in = net.conv(x, f"conv{i + 1}", c_in, 64, 3, pad=1), 64
        x = net.relu(x) if i < 3 else x
    net.output("descriptors", [1, 64, 376, 1242], source=net.op("LpNormalization", [x], axis=1, p=2))
    return net


def dmcnn_vd():
    """DMCNN-VD, twenty 3x3 layers (Syu et al., Learning Deep Convolutional Networks for Demosaicing, 2018), 512 x 768."""
    net = Net("dmcnn_vd", 11)
    image = x = net.input("mosaic", [1, 3, 512, 768])
    c_in = 3
    for i in range(1, 20):
        x = net.conv(x, f"conv{i}", c_in, 64, 3, pad=1, bias=False)
        x, c_in = net.op("Selu", [net.batch_norm(x, f"bn{i}", 64)]), 64
    x = net.op("Add", [image, net.conv(x, "conv20", 64, 3, 3, pad=1)])
    net.output("rgb", [1, 3, 512, 768], source=x)
    return net


MODELS = [fsrcnn, mccnn_fast, dmcnn_vd]
