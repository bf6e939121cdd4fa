"""One block of LLaMA 3 8B (Grattafiori et al., The Llama 3 Herd of Models, 2024) from primitive operators.

RMSNorm, rotary position embedding, grouped-query attention (32 query heads share 8 key-value heads), SwiGLU.

llama3_block_prefill   2048 tokens, float16
llama3_block_decode    one token after 2047 cached ones, bfloat16
"""

import numpy as np

from build import BFLOAT16, FLOAT, FLOAT16, INT64, Net
from transformer import rms_norm

WIDTH, HEADS, KV_HEADS, HEAD, HIDDEN = 4096, 32, 8, 128, 14336


def rotary_tables(net, positions, dtype):
    """cos and sin of position times frequency, (1, 1, tokens, head), in single precision up to the Cast."""
    with net.scope("rotary_emb"):
        frequency = net.weight("rotary_emb.inv_freq", [1, HEAD // 2, 1])
        positions = net.op("Cast", [net.unsqueeze(positions, [1])], to=FLOAT)
        angle = net.op("Transpose", [net.op("MatMul", [frequency, positions])], perm=[0, 2, 1])
        angle = net.op("Concat", [angle, angle], axis=-1)
        return [net.unsqueeze(net.op("Cast", [net.op(f, [angle])], to=dtype), [1]) for f in ("Cos", "Sin")]


def rotate(net, x, cos, sin):
    """x cos + (-x2, x1) sin, the halves of each head swapped."""
    with net.scope("rotary"):
        low = net.slice(x, [0], [HEAD // 2], [3])
        high = net.slice(x, [HEAD // 2], [np.iinfo(np.int64).max], [3])
        swapped = net.op("Concat", [net.op("Neg", [high]), low], axis=-1)
        return net.op("Add", [net.op("Mul", [x, cos]), net.op("Mul", [swapped, sin])])


def repeat_heads(net, x, tokens):
    """Each key-value head serves HEADS / KV_HEADS query heads: Unsqueeze, Expand, Reshape."""
    with net.scope("repeat_kv"):
        shape = net.const([1, KV_HEADS, HEADS // KV_HEADS, tokens, HEAD])
        return net.reshape(net.op("Expand", [net.unsqueeze(x, [2]), shape]), 1, HEADS, tokens, HEAD)


def attention(net, x, mask, tables, tokens, past, dtype):
    def heads(name, count):
        y = net.linear(x, f"self_attn.{name}", WIDTH, count * HEAD, bias=False, dtype=dtype)
        y = net.reshape(y, net.dim(x, 0), net.dim(x, 1), count, HEAD)
        return net.op("Transpose", [y], perm=[0, 2, 1, 3])

    q, k, v = heads("q_proj", HEADS), heads("k_proj", KV_HEADS), heads("v_proj", KV_HEADS)
    q, k = rotate(net, q, *tables), rotate(net, k, *tables)
    total = tokens
    if past:
        k, v = (net.op("Concat", [old, new], axis=2) for old, new in zip(past["values"], (k, v)))
        total += past["tokens"]
    keys, values = repeat_heads(net, k, total), repeat_heads(net, v, total)
    scores = net.op("MatMul", [q, net.op("Transpose", [keys], perm=[0, 1, 3, 2])])
    root = net.op("Cast", [net.scalar(1 / np.sqrt(HEAD))], to=dtype)
    scores = net.op("Add", [net.op("Mul", [scores, root]), mask])
    scores = net.op("Softmax", [net.op("Cast", [scores], to=FLOAT)], axis=-1)
    y = net.op("MatMul", [net.op("Cast", [scores], to=dtype), values])
    y = net.reshape(net.op("Transpose", [y], perm=[0, 2, 1, 3]), 1, tokens, WIDTH)
    return net.linear(y, "self_attn.o_proj", WIDTH, WIDTH, bias=False, dtype=dtype), (k, v)


def swiglu(net, x, dtype):
    gate = net.linear(x, "mlp.gate_proj", WIDTH, HIDDEN, bias=False, dtype=dtype)
    gate = net.op("Mul", [gate, net.op("Sigmoid", [gate])])
    up = net.linear(x, "mlp.up_proj", WIDTH, HIDDEN, bias=False, dtype=dtype)
    return net.linear(net.op("Mul", [gate, up]), "mlp.down_proj", HIDDEN, WIDTH, bias=False, dtype=dtype)


def block(net, tokens, past_tokens, dtype):
    total = tokens + past_tokens
    x = net.input("hidden_states", [1, tokens, WIDTH], dtype)
    mask = net.input("attention_mask", [1, 1, tokens, total], dtype)
    tables = rotary_tables(net, net.input("position_ids", [1, tokens], INT64), dtype)
    past = None
    if past_tokens:
        shape = [1, KV_HEADS, past_tokens, HEAD]
        past = {"tokens": past_tokens, "values": [net.input(f"past_{kind}", shape, dtype) for kind in ("key", "value")]}
    y, present = attention(net, rms_norm(net, x, "input_layernorm", WIDTH, dtype), mask, tables, tokens, past, dtype)
    x = net.op("Add", [x, y])
    y = swiglu(net, rms_norm(net, x, "post_attention_layernorm", WIDTH, dtype), dtype)
    net.output("output", [1, tokens, WIDTH], dtype, source=net.op("Add", [x, y]))
    for kind, value in zip(("key", "value"), present):
        net.output(f"present_{kind}", [1, KV_HEADS, total, HEAD], dtype, source=value)
    return net


def llama3_block_prefill():
    return block(Net("llama3_block_prefill", 17, constants="node"), 2048, 0, FLOAT16)


def llama3_block_decode():
    return block(Net("llama3_block_decode", 21), 1, 2047, BFLOAT16)


MODELS = [llama3_block_prefill, llama3_block_decode]
