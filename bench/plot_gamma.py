#!/usr/bin/env python3
"""Table and plot of gamma_experiment's lines: each mapper over the best value known for the layer.

    plot_gamma.py OUT.svg FILE.csv [MORE.csv ...]

The first file's mappers are shown; all files together say what is best known.
"""
import csv
import math
import sys
from collections import defaultdict


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
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "tileloom"
    import matplotlib.pyplot as plt

    panels = sorted({key[:2] for key in ratios})
    figure, axes = plt.subplots(1, len(panels), figsize=(2.6 * len(panels), 3), sharey=True)
    for axis, panel in zip([axes] if len(panels) == 1 else axes, panels):
        for mapper in sorted({key[2] for key in ratios if key[:2] == panel}):
            values = sorted(ratios[(*panel, mapper)])
            axis.plot(range(1, len(values) + 1), values, label=mapper)
        axis.set_title(f"{panel[0]}, {panel[1]}", fontsize=9)
        axis.set_yscale("log")
        axis.set_xlabel("layers, best first")
    (axes if len(panels) == 1 else axes[0]).set_ylabel("value / best known")
    (axes if len(panels) == 1 else axes[0]).legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main()
