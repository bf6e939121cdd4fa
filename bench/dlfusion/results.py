"""Tables of docs/results/multicore.md: python3 results.py TILELOOM MODELS ARCHS

Runs `tileloom tune-fusion` on seven networks, and on three of them with every assumed figure of
mlu100.yaml at both ends of its range.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

NETWORKS = ["resnet18", "resnet50", "vgg19", "alexnet", "googlenet", "mobilenet_v2", "llama3_block_prefill"]
FEW = ["resnet18", "vgg19", "mobilenet_v2"]
ORDER = ["none", "fixed_cores", "dynamic_cores", "all_fused", "fixed_blocks", "dlfusion", "brute_force", "optimal"]
# what is assumed: (line of mlu100.yaml, replacements)
RANGES = [
    ("on-chip memory", "size: 1 MiB", ["size: 512 KiB", "size: 2 MiB"]),
    ("a core's port", "port: 25.6 GB/s", ["port: 12.8 GB/s", "port: 102.4 GB/s"]),
    ("remote channels", "remote: 0.75", ["remote: 0.5", "remote: 1"]),
    ("launch", "launch: 2000 cycles", ["launch: 1000 cycles", "launch: 10000 cycles"]),
    ("synchronisation", "sync: 500 cycles", ["sync: 100 cycles", "sync: 2000 cycles"]),
    ("and per core", "sync_per_core: 16 cycles", ["sync_per_core: 0 cycles", "sync_per_core: 100 cycles"]),
    ("lanes k x c", "lanes: {k: 32, c: 32}", ["lanes: {k: 16, c: 64}", "lanes: {k: 64, c: 16}"]),
    ("multicast", "multicast: false", ["multicast: true"]),
    ("exchange", "port: 25.6 GB/s", ["port: 25.6 GB/s\n    exchange: 16 B/cycle"]),
]


def tune(program, model, arch):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "r.json"
        subprocess.run([program, "tune-fusion", model, "--arch", arch, "--json", out, "--cache", folder],
                       check=True, capture_output=True)
        return json.loads(out.read_text())


def mean(values):
    values = [v for v in values if v]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def show(value, form):
    return form.format(value) if value is not None else "does not fit"


def main(program, models, archs):
    reports = {n: tune(program, f"{models}/{n}.onnx", "mlu100") for n in NETWORKS}
    print("| network | " + " | ".join(ORDER) + " | dlfusion over optimum | over brute force | optimum: evaluations | s |")
    print("|---" * (len(ORDER) + 5) + "|")
    for name, report in reports.items():
        s = report["strategies"]
        cells = [show(s[k].get("speedup"), "{:.2f}x") for k in ORDER]
        d, o = s["dlfusion"], s["optimal"]
        print(f"| {name} | " + " | ".join(cells) + f" | {show(d.get('gap_to_optimal'), '{:.1%}')} | "
              f"{show(d.get('gap_to_brute_force'), '{:.1%}')} | {o['evaluations']} | {o['search_seconds']:.2f} |")
    gaps = [1 + r["strategies"]["dlfusion"]["gap_to_optimal"] for r in reports.values()
            if r["strategies"]["dlfusion"].get("gap_to_optimal") is not None]
    print(f"\ngeometric mean of dlfusion over the optimum: {mean(gaps) - 1:.2%}")
    print("simulated over model, optimum:", ", ".join(
        f"{n} {r['strategies']['optimal']['simulated_cycles'] / r['strategies']['optimal']['cycles']:.3f}"
        for n, r in reports.items() if r["strategies"]["optimal"]["cycles"]))
    print("optimum's space:", {n: r["strategies"]["optimal"].get("space", "")[34:75] for n, r in reports.items()})
    print("calibration:", json.dumps(reports["resnet18"]["calibration"]))

    print("\n| assumption | value | " + " | ".join(f"{n}: optimum, dlfusion above it" for n in FEW) + " |")
    print("|---" * (len(FEW) + 2) + "|")
    text = (pathlib.Path(archs) / "mlu100.yaml").read_text()
    for title, line, values in RANGES:
        assert line in text, line
        for value in values:
            with tempfile.TemporaryDirectory() as folder:
                arch = pathlib.Path(folder) / "m.yaml"
                arch.write_text(text.replace(line, value))
                cells = []
                for n in FEW:
                    s = tune(program, f"{models}/{n}.onnx", str(arch))["strategies"]
                    cells.append(f"{show(s['optimal'].get('speedup'), '{:.2f}x')}, "
                                 f"{show(s['dlfusion'].get('gap_to_optimal'), '{:.1%}')}")
            print(f"| {title} | {value.split(chr(10))[-1].strip()} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
