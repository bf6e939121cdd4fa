"""ViT-B/16 (Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021), 224 x 224: 196 patches and a class token."""

from build import Net
from transformer import gelu_erf, layer_norm

PATCHES, WIDTH, HEADS, LAYERS = 196, 768, 12, 12
TOKENS, HEAD = PATCHES + 1, WIDTH // HEADS


def attention(net, x, name):
    """One projection to queries, keys and values, taken apart by Reshape, Transpose and three Gathers."""
    qkv = net.linear(x, f"{name}.in_proj", WIDTH, 3 * WIDTH)
    qkv = net.op("Transpose", [net.reshape(qkv, net.dim(x, 0), TOKENS, 3, HEADS, HEAD)], perm=[2, 0, 3, 1, 4])
    q, k, v = (net.op("Gather", [qkv, net.const(i)], axis=0) for i in range(3))
    q = net.op("Mul", [q, net.scalar(HEAD**-0.5)])
    scores = net.op("MatMul", [q, net.op("Transpose", [k], perm=[0, 1, 3, 2])])
    y = net.op("MatMul", [net.op("Softmax", [scores], axis=-1), v])
    y = net.reshape(net.op("Transpose", [y], perm=[0, 2, 1, 3]), net.dim(x, 0), TOKENS, WIDTH)
    return net.linear(y, f"{name}.out_proj", WIDTH, WIDTH)


def vit_b_16():
    net = Net("vit_b_16", 17)
    image = net.input("input", [1, 3, 224, 224])
    x = net.conv(image, "conv_proj", 3, WIDTH, 16, stride=16)
    x = net.op("Transpose", [net.reshape(x, net.dim(image, 0), WIDTH, PATCHES)], perm=[0, 2, 1])
    shape = net.shape_of(net.dim(image, 0), -1, -1)
    minus_one = net.op("Equal", [shape, net.const([-1])])
    shape = net.op("Where", [minus_one, net.const([1, 1, 1]), shape])
    token = net.op("Expand", [net.weight("class_token", [1, 1, WIDTH]), shape])
    x = net.op("Concat", [token, x], axis=1)
    x = net.op("Add", [x, net.weight("encoder.pos_embedding", [1, TOKENS, WIDTH])])
    for layer in range(LAYERS):
        name = f"encoder.layers.{layer}"
        with net.scope(f"layers.{layer}"):
            x = net.op("Add", [attention(net, layer_norm(net, x, f"{name}.ln_1", WIDTH), f"{name}.self_attention"), x])
            y = gelu_erf(net, net.linear(layer_norm(net, x, f"{name}.ln_2", WIDTH), f"{name}.mlp.0", WIDTH, 4 * WIDTH))
            x = net.op("Add", [x, net.linear(y, f"{name}.mlp.3", 4 * WIDTH, WIDTH)])
    x = net.op("Gather", [layer_norm(net, x, "encoder.ln", WIDTH), net.const(0)], axis=1)
    net.output("output", [1, 1000], source=net.gemm(x, "heads.head", WIDTH, 1000))
    return net


MODELS = [vit_b_16]
