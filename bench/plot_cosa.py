#!/usr/bin/env python3
"""Tables and plot of cosa_experiment's lines.

    plot_cosa.py OUT.svg FILE.csv [MORE.csv ...]

Of several lines for the same machine, objective, layer and mapper the last one counts.
"""
import csv
import math
import sys
from collections import defaultdict

from svg_chart import sorted_curves

# Speedup and energy gain over Random as printed or drawn on CoSA's poster (ISCA 2021).
PAPER = {
    "alexnet": ("5.1", "3.0", "", "1.6"),
    "resnet50": ("6.2", "3.86", "", "2.42"),
    "resnext50": ("5.0", "3.1", "", "3.87"),
    "deepbench": ("4.7", "3.97", "", "3.68"),
    "all": ("5.2", "3.5", "3.3", "2.7"),
}


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def edp(row):
    return float(row["cycles"]) * float(row["picojoules"])


def read(paths):
    found = {}
    for path in paths:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                found[row["machine"], row["objective"], row["layer"], row["mapper"]] = row
    return found


def gains(found, setting, mapper):
    """suite -> [(speedup, energy gain)] of a mapper over Random."""
    result = defaultdict(list)
    for (machine, objective, layer, name), row in found.items():
        if (machine, objective, name) != (*setting, mapper):
            continue
        base = found.get((machine, objective, layer, "random"))
        if base is None or float(row["cycles"]) == 0:
            continue
        pair = (float(base["cycles"]) / float(row["cycles"]),
                float(base["picojoules"]) / float(row["picojoules"]))
        for suite in (layer.split("_")[0], "all"):
            result[suite].append(pair)
    return result


def print_gains(found, setting):
    cosa, hybrid = gains(found, setting, "cosa"), gains(found, setting, "hybrid")
    if not cosa or not hybrid:
        return
    print(f"\n{setting[0]}, least {setting[1]}; over Random\n")
    print("| suite | layers | CoSA speedup | paper | Hybrid speedup | paper "
          "| CoSA energy | paper | Hybrid energy | paper |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for suite, paper in PAPER.items():
        cells = [f"{mean([p[i] for p in who[suite]]):.2f}" for i in (0, 1) for who in (cosa, hybrid)]
        row = [x for pair in zip(cells, paper) for x in pair]
        print(f"| {suite} | {len(cosa[suite])} | " + " | ".join(row) + " |")


def print_effort(found, setting):
    print(f"\n{setting[0]}, least {setting[1]}\n")
    print("| mapper | layers | without a mapping | evaluations, median | draws, median "
          "| CPU-s, median | longest | all |")
    print("|---|---|---|---|---|---|---|---|")
    for mapper in ("cosa", "random", "hybrid", "exact"):
        rows = [r for k, r in found.items() if k[:2] == setting and k[3] == mapper]
        if not rows:
            continue
        median = lambda field: sorted(float(r[field]) for r in rows)[len(rows) // 2]
        none = sum(float(r["cycles"]) == 0 for r in rows)
        seconds = [float(r["cpu_s"]) for r in rows]
        print(f"| {mapper} | {len(rows)} | {none} | {median('evaluations'):.0f} | {median('draws'):.0f} "
              f"| {median('cpu_s'):.4f} | {max(seconds):.2f} | {sum(seconds):.1f} |")


def over_optimum(found, setting, mapper):
    """EDP over that of `exact`, and whether that is proved, per layer."""
    result = []
    for (machine, objective, layer, name), row in found.items():
        exact = found.get((machine, objective, layer, "exact"))
        if (machine, objective, name) == (*setting, mapper) and exact and float(row["cycles"]) > 0:
            result.append((layer, edp(row) / edp(exact), exact["proof"] == "optimal"))
    return result


def print_distance(found, setting):
    if not over_optimum(found, setting, "cosa"):
        return
    print(f"\n{setting[0]}, {setting[1]} over the proved optimum\n")
    print("| suite | proved | CoSA | worst | Hybrid | Random |")
    print("|---|---|---|---|---|---|")
    for suite in PAPER:
        of = lambda mapper: [x for x in over_optimum(found, setting, mapper)
                             if suite in ("all", x[0].split("_")[0])]
        cells = [mean([r for _, r, proved in of(m) if proved]) for m in ("cosa", "hybrid", "random")]
        proved = sum(p for _, _, p in of("cosa"))
        worst = max([r for _, r, p in of("cosa") if p], default=math.nan)
        print(f"| {suite} | {proved} of {len(of('cosa'))} | {cells[0]:.3f} | {worst:.2f} "
              f"| {cells[1]:.2f} | {cells[2]:.1f} |")
    open_layers = [r for _, r, p in over_optimum(found, setting, "cosa") if not p]
    if open_layers:
        print(f"\nOver the best mapping of `exact` where that is not proved ({len(open_layers)} "
              f"layers): {mean(open_layers):.3f}")


def main():
    found = read(sys.argv[2:])
    settings = sorted({key[:2] for key in found})
    for setting in settings:
        print_gains(found, setting)
    for setting in settings:
        print_effort(found, setting)
    panels = []
    for setting in settings:
        print_distance(found, setting)
        curves = {m: [r for _, r, proved in over_optimum(found, setting, m) if proved]
                  for m in ("cosa", "hybrid", "random")}
        if all(curves.values()):
            panels.append((f"{setting[0]}, {setting[1]}", curves))
    if panels:
        sorted_curves(sys.argv[1], panels, "layers, best first", "EDP / proved optimum")


if __name__ == "__main__":
    main()
