"""U-Net (Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation, MICCAI 2015).

unet           the paper's: 572 x 572 in, 388 x 388 out, no padding, skip connections cropped, 2x2 up-convolutions
unet_bilinear  the widespread padded variant: 512 x 512, bilinear Resize by 2, batch normalisation folded
"""

import numpy as np

from build import Net

WIDTHS = [64, 128, 256, 512, 1024]


def unet():
    net = Net("unet", 11)

    def double_conv(x, name, c_in, c_out):
        x = net.relu(net.conv(x, f"{name}.0", c_in, c_out, 3))
        return net.relu(net.conv(x, f"{name}.1", c_out, c_out, 3))

    def up(x, name, c_in):
        w, b = net.weight(f"{name}.weight", [c_in, c_in // 2, 2, 2]), net.weight(f"{name}.bias", [c_in // 2])
        return net.op("ConvTranspose", [x, w, b], kernel_shape=[2, 2], strides=[2, 2])

    x, skips, size, c_in = net.input("image", [1, 1, 572, 572]), [], 572, 1
    for level, width in enumerate(WIDTHS):
        x, size = double_conv(x, f"down{level}", c_in, width), size - 4
        c_in = width
        if level < 4:
            skips.append((x, size))
            x, size = net.op("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2]), size // 2
    for level, width in reversed(list(enumerate(WIDTHS[:4]))):
        with net.scope(f"up{level}"):
            x, size = up(x, f"up{level}.upconv", 2 * width), 2 * size
            skip, skip_size = skips.pop()
            crop = (skip_size - size) // 2
            skip = net.slice(skip, [crop, crop], [crop + size, crop + size], [2, 3])
            x = double_conv(net.op("Concat", [skip, x], axis=1), f"up{level}", 2 * width, width)
        size -= 4
    net.output("segmentation", [1, 2, 388, 388], source=net.conv(x, "head", 64, 2, 1))
    return net


def unet_bilinear():
    net = Net("unet_bilinear", 19)

    def double_conv(x, name, c_in, c_mid, c_out):
        x = net.relu(net.conv(x, f"{name}.0", c_in, c_mid, 3, pad=1))
        return net.relu(net.conv(x, f"{name}.3", c_mid, c_out, 3, pad=1))

    x = double_conv(net.input("image", [1, 3, 512, 512]), "inc", 3, 64, 64)
    skips = [x]
    for level, width in enumerate([128, 256, 512, 512], start=1):
        x = net.op("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0])
        c_in = WIDTHS[level - 1]
        x = double_conv(x, f"down{level}", c_in, width, width)
        skips.append(x)
    skips.pop()
    for level, width in enumerate([256, 128, 64, 64], start=1):
        with net.scope(f"up{level}"):
            scales = net.const([1, 1, 2, 2], np.float32)
            x = net.op("Resize", [x, None, scales], mode="linear", coordinate_transformation_mode="align_corners")
            x = net.op("Concat", [skips.pop(), x], axis=1)
            c_in = WIDTHS[4 - level] * 2
            x = double_conv(x, f"up{level}.conv", c_in, c_in // 2, width)
    net.output("logits", [1, 2, 512, 512], source=net.conv(x, "outc", 64, 2, 1))
    return net


MODELS = [unet, unet_bilinear]
