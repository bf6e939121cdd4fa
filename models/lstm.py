"""The large LSTM language model of Zaremba et al. (Recurrent Neural Network Regularization, 2014) on Penn Treebank.

Two layers of 1500 units, 35 steps, 10000 words. Each layer is one ONNX LSTM node; initial states come from
ConstantOfShape with a computed shape, as exporters write them when the model does not get any.
"""

from onnx import TensorProto, helper

from build import INT64, Net

STEPS, UNITS, VOCABULARY, LAYERS = 35, 1500, 10000, 2


def lstm_ptb():
    net = Net("lstm_ptb", 14)
    ids = net.input("tokens", [STEPS, 1], INT64)
    x = net.op("Gather", [net.weight("embedding.weight", [VOCABULARY, UNITS]), ids])
    zeros = net.op("ConstantOfShape", [net.shape_of(1, net.dim(ids, 1), UNITS)],
                   value=helper.make_tensor("value", TensorProto.FLOAT, [1], [0.0]))
    for layer in range(LAYERS):
        w, r, b = (net.weight(f"lstm.{layer}.{part}", shape) for part, shape in
                   (("W", [1, 4 * UNITS, UNITS]), ("R", [1, 4 * UNITS, UNITS]), ("B", [1, 8 * UNITS])))
        y, last_h, last_c = net.op("LSTM", [x, w, r, b, None, zeros, zeros], 3, hidden_size=UNITS)
        net.output(f"h{layer}", [1, 1, UNITS], source=last_h)
        net.output(f"c{layer}", [1, 1, UNITS], source=last_c)
        x = net.squeeze(y, [1])
    net.output("logits", [STEPS, 1, VOCABULARY], source=net.linear(x, "decoder", UNITS, VOCABULARY))
    return net


MODELS = [lstm_ptb]
