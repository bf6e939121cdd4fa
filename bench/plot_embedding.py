#!/usr/bin/env python3
"""Table, CSV and chart of what `tileloom bench-embedding --json` found.

    plot_embedding.py OUT.csv OUT.svg [KIND=]FILE.json [MORE ...]

KIND names what the file compares ("convolutions" if left out); every further kind has a chart of its
own, OUT_KIND.svg. Operators of equal figures on one core are one operator of the table (DeepBench
repeats shapes).
"""
import csv
import json
import math
import sys

from svg_chart import sorted_curves

FIELDS = ["kind", "shape", "name", "macs", "reference_cycles", "channel_cycles", "embedding_cycles",
          "reference_model_cycles", "embedding_model_cycles", "embedding"]
RATIOS = {
    "fixed recipe / embedding": ("reference_cycles", "embedding_cycles"),
    "its lanes tiled freely / embedding": ("channel_cycles", "embedding_cycles"),
    "max(steps, bytes/8)": ("reference_model_cycles", "embedding_model_cycles"),
}


def read(arguments):
    """kind -> shape -> rows, operators of the same figures once."""
    found = {}
    for argument in arguments:
        kind, _, path = argument.rpartition("=")
        kind = kind or "convolutions"
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        rows = found.setdefault(kind, {}).setdefault(result["shape"], {})
        for operator in result["operators"]:
            row = {"kind": kind, "shape": result["shape"], **operator}
            rows.setdefault(tuple(row[field] for field in FIELDS[3:]), row)
    return {kind: {shape: list(rows.values()) for shape, rows in shapes.items()}
            for kind, shapes in found.items()}


def ratios(rows, slow, fast):
    return [row[slow] / row[fast] for row in rows if row[slow] > 0 and row[fast] > 0]


def print_table(kind, found):
    print(f"| GEMM core, {kind} | compared | operators | geometric mean | best | worst |")
    print("|---|---|---|---|---|---|")
    for shape, rows in found.items():
        for label, (slow, fast) in RATIOS.items():
            values = ratios(rows, slow, fast)
            mean = math.exp(sum(map(math.log, values)) / len(values))
            print(f"| {shape} | {label} | {len(values)} | {mean:.3f} | {max(values):.2f} "
                  f"| {min(values):.3f} |")


def main():
    out_csv, out_svg, *files = sys.argv[1:]
    found = read(files)
    with open(out_csv, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for shapes in found.values():
            for rows in shapes.values():
                writer.writerows(rows)
    for i, (kind, shapes) in enumerate(found.items()):
        print_table(kind, shapes)
        path = out_svg if i == 0 else out_svg.replace(".svg", f"_{kind}.svg")
        sorted_curves(path, [(shape, {label: ratios(rows, slow, fast)
                                      for label, (slow, fast) in list(RATIOS.items())[:2]})
                             for shape, rows in shapes.items()],
                      "operators, least first", "cycles / cycles of the embedding")


if __name__ == "__main__":
    main()
