"""GPT-2, 124M parameters (Radford et al., Language Models are Unsupervised Multitask Learners, 2019).

gpt2_prefill   1024 tokens at once; returns every layer's keys and values
gpt2_decode    the 1024th token alone, with the keys and values of 1023 earlier ones as inputs

Its projections are "Conv1D" layers, which export as Reshape, Gemm, Reshape.
"""

import numpy as np

from build import BOOL, INT64, Net
from transformer import gelu_tanh, layer_norm_primitive

CONTEXT, WIDTH, HEADS, LAYERS, VOCABULARY = 1024, 768, 12, 12, 50257
HEAD = WIDTH // HEADS


def projection(net, x, name, c_in, c_out):
    """x W + b on the last axis through a two-dimensional Gemm; W is (in, out) here."""
    rows = net.reshape(x, -1, c_in)
    w, b = net.weight(f"{name}.weight", [c_in, c_out]), net.weight(f"{name}.bias", [c_out])
    return net.reshape(net.op("Gemm", [rows, w, b], alpha=1.0, beta=1.0), net.dim(x, 0), net.dim(x, 1), c_out)


def causal_mask(net, scores, name, queries, keys):
    """Rows of a lower triangle (a buffer of the model, so without values) select scores or -10000."""
    triangle = net.weight(f"{name}.bias", [1, 1, CONTEXT, CONTEXT], BOOL)
    total = net.dim(keys, -2)
    first = net.op("Sub", [total, net.dim(queries, -2)])
    rows = net.slice(triangle, net.unsqueeze(first, [0]), net.unsqueeze(total, [0]), [2])
    visible = net.slice(rows, [0], net.unsqueeze(total, [0]), [3])
    return net.op("Where", [visible, scores, net.scalar(-10000.0)])


def attention(net, x, name, past):
    def heads(y):
        y = net.reshape(y, net.dim(y, 0), net.dim(y, 1), HEADS, HEAD)
        return net.op("Transpose", [y], perm=[0, 2, 1, 3])

    q, k, v = (heads(y) for y in net.split(projection(net, x, f"{name}.c_attn", WIDTH, 3 * WIDTH), 2, [WIDTH] * 3))
    if past:
        k, v = (net.op("Concat", [old, new], axis=-2) for old, new in zip(past, (k, v)))
    scores = net.op("MatMul", [q, net.op("Transpose", [k], perm=[0, 1, 3, 2])])
    scores = causal_mask(net, net.op("Div", [scores, net.scalar(8.0)]), name, q, k)
    y = net.op("MatMul", [net.op("Softmax", [scores], axis=-1), v])
    y = net.op("Transpose", [y], perm=[0, 2, 1, 3])
    y = net.reshape(y, net.dim(y, 0), net.dim(y, 1), WIDTH)
    return projection(net, y, f"{name}.c_proj", WIDTH, WIDTH), (k, v)


def gpt2(net, tokens, past_tokens):
    ids = net.input("input_ids", [1, tokens], INT64)
    past = []
    for layer in range(LAYERS if past_tokens else 0):
        past.append([net.input(f"past_key_values.{layer}.{kind}", [1, HEADS, past_tokens, HEAD])
                     for kind in ("key", "value")])
    x = net.op("Gather", [net.weight("transformer.wte.weight", [VOCABULARY, WIDTH]), ids])
    positions = net.const(np.arange(past_tokens, past_tokens + tokens)[None])
    x = net.op("Add", [x, net.op("Gather", [net.weight("transformer.wpe.weight", [CONTEXT, WIDTH]), positions])])
    presents = []
    for layer in range(LAYERS):
        name = f"transformer.h.{layer}"
        with net.scope(f"h.{layer}"):
            y, present = attention(net, layer_norm_primitive(net, x, f"{name}.ln_1", WIDTH, 1e-5), f"{name}.attn",
                                   past[layer] if past else None)
            presents.append(present)
            x = net.op("Add", [y, x])
            y = projection(net, layer_norm_primitive(net, x, f"{name}.ln_2", WIDTH, 1e-5), f"{name}.mlp.c_fc", WIDTH,
                           4 * WIDTH)
            x = net.op("Add", [x, projection(net, gelu_tanh(net, y), f"{name}.mlp.c_proj", 4 * WIDTH, WIDTH)])
    x = layer_norm_primitive(net, x, "transformer.ln_f", WIDTH, 1e-5)
    net.output("logits", [1, tokens, VOCABULARY], source=net.linear(x, "lm_head", WIDTH, VOCABULARY, bias=False))
    for layer, present in enumerate(presents):
        for kind, value in zip(("key", "value"), present):
            net.output(f"present.{layer}.{kind}", [1, HEADS, past_tokens + tokens, HEAD], source=value)
    return net


def gpt2_prefill():
    return gpt2(Net("gpt2_prefill", 13), CONTEXT, 0)


def gpt2_decode():
    return gpt2(Net("gpt2_decode", 14, constants="node"), 1, CONTEXT - 1)


MODELS = [gpt2_prefill, gpt2_decode]
