#!/usr/bin/env python3
"""Table, CSV and chart of what `tileloom bench-embedding --json` found.

    plot_embedding.py OUT.csv OUT.svg FILE.json [MORE.json ...]

Operators of equal figures on one core are one operator of the table (DeepBench repeats shapes).
"""
import csv
import json
import math
import sys

from svg_chart import sorted_curves

FIELDS = ["shape", "name", "macs", "reference_cycles", "channel_cycles", "embedding_cycles",
          "reference_model_cycles", "embedding_model_cycles", "embedding"]
RATIOS = {
    "fixed recipe / embedding": ("reference_cycles", "embedding_cycles"),
    "its lanes tiled freely / embedding": ("channel_cycles", "embedding_cycles"),
    "max(steps, bytes/8)": ("reference_model_cycles", "embedding_model_cycles"),
}


def read(paths):
    """shape -> rows, operators of the same figures once."""
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        rows = found.setdefault(result["shape"], {})
        for operator in result["operators"]:
            row = {"shape": result["shape"], **operator}
            rows.setdefault(tuple(row[field] for field in FIELDS[2:]), row)
    return {shape: list(rows.values()) for shape, rows in found.items()}


def ratios(rows, slow, fast):
    return [row[slow] / row[fast] for row in rows if row[slow] > 0 and row[fast] > 0]


def main():
    out_csv, out_svg, *paths = sys.argv[1:]
    found = read(paths)
    print("| GEMM core | compared | operators | geometric mean | best | worst |")
    print("|---|---|---|---|---|---|")
    for shape, rows in found.items():
        for label, (slow, fast) in RATIOS.items():
            values = ratios(rows, slow, fast)
            mean = math.exp(sum(map(math.log, values)) / len(values))
            print(f"| {shape} | {label} | {len(values)} | {mean:.3f} | {max(values):.2f} "
                  f"| {min(values):.3f} |")
    with open(out_csv, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for rows in found.values():
            writer.writerows(rows)
    sorted_curves(out_svg, [(shape, {label: ratios(rows, slow, fast)
                                     for label, (slow, fast) in list(RATIOS.items())[:2]})
                            for shape, rows in found.items()],
                  "operators, least first", "cycles / cycles of the embedding")


if __name__ == "__main__":
    main()
