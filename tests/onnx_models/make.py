#!/usr/bin/env python3
"""Writes the test models of this folder and expected.json; `--check` only compares (see README.md).

Expected shapes are ONNX's: its shape inference, with shape arithmetic folded, and its reference evaluator, which runs
the model on random numbers. Where both speak they must agree, unless the case itself says the shape (each has errors
of its own); every model must have a word from one of the three.
"""

import json
import math
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import broken
import encodings_of_constants
import operators
import shapes
import versions
from case import Case
import expect

FOLDER = pathlib.Path(__file__).resolve().parent
PRESENT = bytes(80)  # the one external data file that exists
KINDS = ("conv", "matmul", "recurrent")


def declare_outputs(case, outputs):
    """Gives outputs without a shape one of symbolic sizes, as exporters of dynamic models do."""
    for value in case.model.graph.output:
        tensor = value.type.tensor_type
        if not tensor.HasField("shape"):
            shape = [f"{value.name}_dim_{axis}" for axis in range(len(outputs[value.name]))]
            value.CopyFrom(helper.make_tensor_value_info(value.name, tensor.elem_type, shape))


def check(case):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        path.write_bytes(case.bytes())
        (pathlib.Path(folder) / "present.bin").write_bytes(PRESENT)
        onnx.checker.check_model(str(path), full_check=True)


def parsed(case):
    """The case's model with its symbolic dimensions bound."""
    model = onnx.load_model_from_string(case.bytes())
    expect.bind(model, case.bind)
    return model


def executed(case):
    """Output shapes found by running the model with random inputs; weights without values get some, too."""
    model = parsed(case)
    random = np.random.default_rng(1)
    for t in model.graph.initializer:
        if t.data_location == onnx.TensorProto.EXTERNAL or \
                (t.data_type == onnx.TensorProto.FLOAT and not t.raw_data and not t.float_data and math.prod(t.dims)):
            t.CopyFrom(numpy_helper.from_array(np.ones(t.dims, helper.tensor_dtype_to_np_dtype(t.data_type)), t.name))
    feeds = {}
    for value in model.graph.input:
        if value.name not in {t.name for t in model.graph.initializer}:
            tensor = value.type.tensor_type
            numbers = random.integers(0, 2, [d.dim_value for d in tensor.shape.dim])
            feeds[value.name] = numbers.astype(helper.tensor_dtype_to_np_dtype(tensor.elem_type))
    results = ReferenceEvaluator(model).run(None, feeds)
    return {o.name: list(np.shape(r)) for o, r in zip(model.graph.output, results)}


def attempt(function, *arguments):
    """The result, or the reason why there is none: an operator may be missing on either side."""
    try:
        return function(*arguments), None
    except Exception as error:  # noqa: BLE001 - any failure of the oracle means only "no word from it"
        return None, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def facts(case):
    """Shapes, multiply-accumulates and who vouches for them."""
    inference, why_not = attempt(lambda: expect.inferred(parsed(case)))
    execution, why_not_executed = attempt(executed, case)
    model, shapes_of = inference if inference else (parsed(case), {})
    inferred = {o.name: shapes_of[o.name] for o in model.graph.output if o.name in shapes_of}
    voices = {"hand": case.outputs, "execution": execution or {}, "inference": inferred}
    outputs, agreeing = {}, []
    for name, known in voices.items():
        for output, shape in known.items():
            if outputs.setdefault(output, shape) != shape and output not in case.outputs:
                raise ValueError(f"{case.name}: {output} is {outputs[output]} or, by {name}, {shape}")
        if known and all(outputs[o] == shape for o, shape in known.items()):
            agreeing.append(name)
    names = [o.name for o in model.graph.output]
    if missing := [n for n in names if n not in outputs]:
        raise ValueError(f"{case.name}: nobody knows {missing}; {why_not}; {why_not_executed}")
    sums = case.macs
    if sums is None:
        sums = {}
        for node in model.graph.node:
            if counted := expect.macs(node, {**shapes_of, **outputs}):
                sums[counted[0]] = sums.get(counted[0], 0) + counted[1]
    macs = {kind: sums.get(kind, 0) for kind in KINDS}
    return {"outputs": {n: outputs[n] for n in names}, "macs": {**macs, "total": sum(macs.values())},
            "shapes_by": agreeing}


def entry(case):
    if case.error:
        return {"error": case.error}
    report = {"error": None, "bind": case.bind, **facts(case)}
    declare_outputs(case, report["outputs"])
    if case.checked:
        check(case)
    if case.unmapped:
        report["may_be_unmapped"] = list(case.unmapped)
    return report


def main():
    cases: list[Case] = [*operators.CASES, *versions.CASES, *encodings_of_constants.CASES, *shapes.CASES, *broken.CASES]
    failures, report = [], {}
    for case in cases:
        try:
            report[f"{case.name}.onnx"] = entry(case)
        except Exception as error:  # noqa: BLE001 - all of them in one go
            failures.append(f"{case.name}: {type(error).__name__}: {error}")
    lines = (f'"{name}": {json.dumps(facts)}' for name, facts in sorted(report.items()))
    files = {f"{case.name}.onnx": case.bytes() for case in cases}
    files |= {"present.bin": PRESENT, "expected.json": ("{\n" + ",\n".join(lines) + "\n}\n").encode()}
    if len(files) != len(cases) + 2:
        sys.exit("two cases have the same name")
    if "--check" in sys.argv:
        failures += [f"{n}: differs from its script" for n, content in files.items()
                     if not (FOLDER / n).exists() or (FOLDER / n).read_bytes() != content]
    else:
        for name, content in files.items():
            (FOLDER / name).write_bytes(content)
        print(f"{len(files)} files, {sum(map(len, files.values()))} bytes")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
