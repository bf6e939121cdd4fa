// A small report with names that try to be markup, put into the built template as the program does.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Layer, Report } from "../src/data";

export const evil = "<img src=x onerror=window.broken=1></script><script>window.broken=1</script><!--";

function layer(name: string, cycles: number, computeCycles: number, sameAs: string | null = null): Layer {
  const port = cycles > computeCycles;
  return {
    name, kind: "Conv", same_as: sameAs, from_cache: false,
    ranks: [{ name: "K", extent: 4 }, { name: "C", extent: 8 }],
    tensors: [{ name: evil, role: "weight", elements: 32, bits: 8, partial_bits: 8 }],
    macs: 32, points: 32, status: "feasible", space: "all", reason: "", evaluations: 7, gap: 0.5,
    bound: { cycles: 4, energy_pj: 100 }, tree: "store W in DRAM\n",
    path: [
      { node: "store", tensor: evil, memory: "DRAM", keep: "overlap" },
      { node: "loop", rank: "C", tile: 1, trips: 8, axis: null },
      { node: "store", tensor: evil, memory: "Buffer", keep: "same" },
      { node: "loop", rank: "K", tile: 1, trips: 4, axis: "pe" },
    ],
    causes: sameAs !== null ? null : [[], [{ count: "fills", total: 32, innermost: 4,
      loops: [{ position: 1, trips: 8, outside: 32, inside: 4, reason: `each trip needs another part of ${evil}` }] }]],
    evaluation: {
      cycles, compute_cycles: computeCycles, steps: computeCycles, lanes: 4, utilisation: 32 / (4 * cycles),
      energy_pj: 3000, edp_pj_cycles: 3000 * cycles, bound_by: port ? "DRAM read port" : "compute",
      relief: [`more for ${evil}`],
      energy: { compute_pj: 100, memories: [
        { memory: "DRAM", role: "weight", reads_pj: 2500, writes_pj: 0, network_pj: 0 },
        { memory: "Buffer", role: "weight", reads_pj: 200, writes_pj: 150, network_pj: 50 }] },
      ports: [{ memory: "DRAM", port: "read", bits: 256, cycles: 16 }],
      occupancy: [{ memory: "Buffer", used_bits: 32, capacity_bits: 64, buffers: [{ tensor: evil, bits: 32 }] }],
      stores: [0, 1].map((i) => ({ tensor: evil, memory: i === 0 ? "DRAM" : "Buffer", role: "weight" as const, instances: 1,
        tile: 32, fills: i === 0 ? 0 : 32, reads: 32, updates: 0, update_reads: 0, drains: 0, deliveries: 32,
        reads_pj: i === 0 ? 2500 : 200, writes_pj: i === 0 ? 0 : 150, network_pj: i === 0 ? 0 : 50 })),
    },
  };
}

export function sample(): Report {
  const nothing: Layer = { ...layer("nothing", 1, 1), status: "infeasible", reason: `${evil} does not fit`, path: null, tree: null,
    causes: null, evaluation: null, gap: null };
  const energy = (pj: number) => ({ pj, source: "given" });
  const memory = (name: string, capacity: number | null, read: number | null) => ({ name, instances: 1, capacity_bits: capacity, word_bits: 8,
    block_words: 1, ports_bits_per_cycle: { read, write: null, shared: null }, read: energy(1), write: energy(1),
    holds: ["input" as const, "weight" as const, "output" as const], double_buffered: false });
  return {
    schema: "tileloom.schedule/1", tool: "tileloom test", model: evil, architecture: "toy", objective: "edp", mapper: "exact", status: "feasible",
    totals: { layers: 4, layers_without_mapping: 1, macs: 96, cycles: 48, seconds: 48e-9, energy_pj: 9000, edp_pj_cycles: 432000,
      utilisation: 0.5, bound: { cycles: 12, energy_pj: 300 }, energy: { compute_pj: 300, memories: [
        { memory: "DRAM", role: "weight", reads_pj: 7500, writes_pj: 0, network_pj: 0 },
        { memory: "Buffer", role: "weight", reads_pj: 600, writes_pj: 450, network_pj: 150 }] } },
    machine: { name: "toy", source: evil, clock_hz: 1e9, lanes: 4, memories: [memory("DRAM", null, 16), memory("Buffer", 64, null)],
      axes: [{ name: "pe", size: 4, below_memories: 2, multicast: true, reduce: true, hop: energy(0.1), core: false }],
      compute: { name: "mac", mac: energy(0.5), other: energy(0.5), cycles_per_operation: 1 } },
    layers: [layer(evil, 16, 8), layer("twin", 16, 8, evil), layer("busy", 16, 16), nothing],
    coverage: { summary: [{ status: "mapped", nodes: 4, macs: 96, macs_share: 1, bits_moved: 1000, bits_share: 1 }],
      nodes: [{ node: evil, type: "Conv", status: "mapped", operators: [evil], note: "", macs: 32, bits_moved: 256 }] },
  };
}

/** The same with its first two layers fused: 4 rows of the second need 6 of the first. */
export function fusedSample(): Report {
  const cost = (cycles: number, picojoules: number) => ({ cycles, picojoules });
  const part = (operator: string, rows: number, window: number, again: number) => ({ operator, tile: [1, 8, rows, 16],
    output: [1, 8, 16, 16], window: [1, 4, window, 16], input: [1, 4, 16, 16], runs: 4, recomputed_share: again, ...cost(10, 1000) });
  return { ...sample(), fused: { method: "defines", ...cost(40, 5000), layer_by_layer: cost(48, 9000), bound: cost(12, 300), status: "feasible",
    space: "all", notes: [`left out: ${evil}`], reasons: [], stacks: [
      { operators: [evil, "twin"], ...cost(20, 2500), layer_by_layer: cost(32, 6000), own_model: cost(25, 3000), tiling: "16x4, recompute",
        tiles: 4, recomputed_share: 0.25, layers: [part(evil, 6, 8, 0.5), part("twin", 4, 6, 0)], arithmetic_picojoules: 200,
        energy: [{ memory: "DRAM", role: "weight", phase: "compute", picojoules: 1500 }, { memory: "DRAM", role: "input", phase: "copy", picojoules: 800 }],
        occupancy: [{ operator: evil, memory: "Buffer", bits: 48, capacity_bits: 64, occupants: [{ tensor: evil, bits: 48 }] }] },
      { operators: ["busy"], ...cost(20, 2500), layer_by_layer: cost(16, 3000) }] } };
}

/** Writes the page of a report and returns its address. */
export function pageOf(report: Report | null, path: string): string {
  const template = readFileSync(resolve(import.meta.dirname, "../../tileloom/report/page/template.html"), "utf8");
  const text = JSON.stringify(report).replaceAll("<", "\\u003c");
  const file = join(path, "page.html");
  writeFileSync(file, report ? template.replace("__TILELOOM_REPORT__", () => text) : template);
  return `file://${file}`;
}
