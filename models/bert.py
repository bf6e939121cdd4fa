"""BERT-base (Devlin et al., BERT, NAACL 2019), uncased, one sequence of 128 tokens, with pooler.

Exported with its sizes read from the input (Shape, Gather, Unsqueeze, Concat, Reshape), which is fixed here.
"""

import numpy as np

from build import FLOAT, INT64, Net
from transformer import gelu_erf, layer_norm_primitive

TOKENS, WIDTH, HEADS, LAYERS, VOCABULARY = 128, 768, 12, 12, 30522


def embeddings(net, ids, types):
    sequence = net.unsqueeze(net.dim(ids, 1), [0])
    positions = net.slice(net.const(np.arange(512)[None], name="position_ids"), [0], sequence, [1])
    name = "bert.embeddings"
    x = net.op("Gather", [net.weight(f"{name}.word_embeddings.weight", [VOCABULARY, WIDTH]), ids])
    x = net.op("Add", [x, net.op("Gather", [net.weight(f"{name}.token_type_embeddings.weight", [2, WIDTH]), types])])
    p = net.op("Gather", [net.weight(f"{name}.position_embeddings.weight", [512, WIDTH]), positions])
    return layer_norm_primitive(net, net.op("Add", [x, p]), f"{name}.LayerNorm", WIDTH)


def additive_mask(net, mask):
    """0 where a token counts, -10000 where it is padding; broadcast over heads and queries."""
    m = net.op("Cast", [net.unsqueeze(net.unsqueeze(mask, [1]), [2])], to=FLOAT)
    return net.op("Mul", [net.op("Sub", [net.scalar(1.0), m]), net.scalar(-10000.0)])


def self_attention(net, x, mask, name):
    def heads(y, perm):
        y = net.reshape(y, net.dim(y, 0), net.dim(y, 1), HEADS, WIDTH // HEADS)
        return net.op("Transpose", [y], perm=perm)

    q, k, v = (net.linear(x, f"{name}.self.{part}", WIDTH, WIDTH) for part in ("query", "key", "value"))
    scores = net.op("MatMul", [heads(q, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1])])
    scores = net.op("Add", [net.op("Div", [scores, net.scalar(8.0)]), mask])
    context = net.op("MatMul", [net.op("Softmax", [scores], axis=3), heads(v, [0, 2, 1, 3])])
    context = net.op("Transpose", [context], perm=[0, 2, 1, 3])
    context = net.reshape(context, net.dim(context, 0), net.dim(context, 1), WIDTH)
    return net.linear(context, f"{name}.output.dense", WIDTH, WIDTH)


def bert_base():
    net = Net("bert_base", 11)
    ids, mask, types = (net.input(n, [1, TOKENS], INT64) for n in ("input_ids", "attention_mask", "token_type_ids"))
    x, mask = embeddings(net, ids, types), additive_mask(net, mask)
    for layer in range(LAYERS):
        name = f"bert.encoder.layer.{layer}"
        with net.scope(f"layer.{layer}"):
            y = self_attention(net, x, mask, f"{name}.attention")
            x = layer_norm_primitive(net, net.op("Add", [y, x]), f"{name}.attention.output.LayerNorm", WIDTH)
            y = gelu_erf(net, net.linear(x, f"{name}.intermediate.dense", WIDTH, 4 * WIDTH))
            y = net.linear(y, f"{name}.output.dense", 4 * WIDTH, WIDTH)
            x = layer_norm_primitive(net, net.op("Add", [y, x]), f"{name}.output.LayerNorm", WIDTH)
    first = net.op("Gather", [x, net.const(0)], axis=1)
    net.output("last_hidden_state", [1, TOKENS, WIDTH], source=x)
    pooled = net.op("Tanh", [net.gemm(first, "bert.pooler.dense", WIDTH, WIDTH)])
    net.output("pooler_output", [1, WIDTH], source=pooled)
    return net


MODELS = [bert_base]
