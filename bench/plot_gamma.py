#!/usr/bin/env python3
"""Table and plot of gamma_experiment's lines: each mapper over the best value known for the layer.

    plot_gamma.py OUT.svg FILE.csv [MORE.csv ...]

The first file's mappers are shown; all files together say what is best known.
"""
import csv
import math
import sys
from collections import defaultdict

from svg_chart import sorted_curves


def read(path):
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if float(row["value"] or 0) > 0]


def main():
    out, shown, *more = sys.argv[1:]
    rows = read(shown)
    best = {}
    for row in rows + [row for path in more for row in read(path)]:
        key = row["platform"], row["layer"], row["objective"]
        best[key] = min(best.get(key, math.inf), float(row["value"]))
    ratios = defaultdict(list)
    for row in rows:
        key = row["platform"], row["layer"], row["objective"]
        ratios[row["platform"], row["objective"], row["mapper"]].append(
            float(row["value"]) / best[key])
    print("| platform | objective | mapper | searches | geometric mean | worst |")
    print("|---|---|---|---|---|---|")
    for (platform, objective, mapper), values in sorted(ratios.items()):
        mean = math.exp(sum(map(math.log, values)) / len(values))
        print(f"| {platform} | {objective} | {mapper} | {len(values)} | {mean:.4f} | {max(values):.3f} |")
    plot(out, ratios)


def plot(out, ratios):
    panels = sorted({key[:2] for key in ratios})
    sorted_curves(out, [(f"{platform}, {objective}",
                         {mapper: values for (*panel, mapper), values in ratios.items()
                          if panel == [platform, objective]}) for platform, objective in panels],
                  "layers and seeds, best first", "value / best known")


if __name__ == "__main__":
    main()
