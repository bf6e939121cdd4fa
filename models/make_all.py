#!/usr/bin/env python3
"""Writes every network of this folder (`make_all.py`), or tells which files differ from their scripts (`--check`)."""

import importlib
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
SCRIPTS = ["resnet", "resnet_int8", "vgg", "alexnet", "googlenet", "mobilenet", "efficientnet", "densenet", "unet",
           "restoration", "bert", "gpt2", "llama", "vit", "lstm"]


def nets():
    for script in SCRIPTS:
        for make in importlib.import_module(script).MODELS:
            yield make()


def main():
    stale = []
    for net in nets():
        path, content = FOLDER / f"{net.name}.onnx", net.bytes()
        if "--check" in sys.argv:
            if not path.exists() or path.read_bytes() != content:
                stale.append(path.name)
        else:
            path.write_bytes(content)
            print(f"{path.name}: {len(content)} bytes, {len(net.nodes)} nodes")
    if stale:
        sys.exit("differs from its script: " + ", ".join(stale))


if __name__ == "__main__":
    main()
