"""One test model: how it is built and what a reader must find in it."""

import dataclasses
import pathlib
import re
import sys

import onnx
from onnx import parser

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "models"))
from build import IR_VERSION  # noqa: E402


@dataclasses.dataclass
class Case:
    """`model` or, for files that are no model, `content`. What the file is expected to do:

    error      None if it imports, else the kind of mistake (see README.md)
    bind       sizes of symbolic dimensions
    outputs    shapes worked out by hand, where ONNX's tools are silent or disagree (None: unknown to anybody)
    macs       likewise, by kind
    unmapped   operators that a reader may leave unmapped, but not drop
    checked    whether the ONNX checker accepts the file
    """

    name: str
    model: onnx.ModelProto | None = None
    content: bytes | None = None
    error: str | None = None
    bind: dict = dataclasses.field(default_factory=dict)
    outputs: dict = dataclasses.field(default_factory=dict)
    macs: dict | None = None
    unmapped: tuple = ()
    checked: bool = True

    def bytes(self):
        return self.content if self.model is None else self.model.SerializeToString(deterministic=True)


def text(name, opset, inputs, body, declared=None, constants="", domains="", **expected):
    """A case in ONNX's text form; `constants` are declared with values, e.g. 'int64[2] s = {1, -1}'.

    Outputs are written without a shape; make.py gives them one of symbolic sizes, so that readers must infer."""
    declared = declared or ("float[y_dim_0, y_dim_1] y" if expected.get("error") else "float y")
    declared = re.sub(r"\b([a-z0-9]+) (\w+)(?=,|$)", r"\1[] \2", declared)
    imports = ", ".join(f'"{d}" : {v}' for d, v in [("", opset), *((d, 1) for d in domains.split())])
    initializers = f"<{constants}>" if constants else ""
    source = (f'<ir_version: {IR_VERSION.get(opset, 10)}, opset_import: [{imports}]>\n'
              f"{name} ({inputs}) => ({declared}) {initializers} {{ {body} }}")
    try:
        model = parser.parse_model(source)
    except Exception as error:
        raise ValueError(f"{name}: {error}") from error
    if model.ir_version < 4:  # until IR 4 every initializer had to be a graph input, too
        for t in model.graph.initializer:
            model.graph.input.append(onnx.helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)))
    return Case(name, model, **expected)
