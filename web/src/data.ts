// The report as docs/report_schema.md describes it.

export type Role = "input" | "weight" | "output";

export interface Sourced {
  pj: number;
  source: string;
}

export interface EnergyParts {
  compute_pj: number;
  memories: { memory: string; role: Role; reads_pj: number; writes_pj: number; network_pj: number }[];
}

export interface Memory {
  name: string;
  instances: number;
  capacity_bits: number | null;
  word_bits: number;
  block_words: number;
  ports_bits_per_cycle: { read: number | null; write: number | null; shared: number | null };
  read: Sourced;
  write: Sourced;
  holds: Role[];
  double_buffered: boolean;
}

export interface Axis {
  name: string;
  size: number;
  below_memories: number;
  multicast: boolean;
  reduce: boolean;
  hop: Sourced;
  core: boolean;
}

export interface Machine {
  name: string;
  source: string;
  clock_hz: number;
  lanes: number;
  memories: Memory[];
  axes: Axis[];
  compute: { name: string; mac: Sourced; other: Sourced; cycles_per_operation: number };
}

export interface StoreFigures {
  tensor: string;
  memory: string;
  role: Role;
  instances: number;
  tile: number;
  fills: number;
  reads: number;
  updates: number;
  update_reads: number;
  drains: number;
  deliveries: number;
  reads_pj: number;
  writes_pj: number;
  network_pj: number;
}

export type PortKind = "read" | "write" | "shared";

export interface Evaluation {
  cycles: number;
  compute_cycles: number;
  steps: number;
  lanes: number;
  utilisation: number;
  energy_pj: number;
  edp_pj_cycles: number;
  bound_by: string;
  relief: string[];
  energy: EnergyParts;
  ports: { memory: string; port: PortKind; bits: number; cycles: number }[];
  occupancy: {
    memory: string;
    used_bits: number;
    capacity_bits: number | null;
    buffers: { tensor: string; bits: number }[];
  }[];
  stores: StoreFigures[];
}

export type PathNode =
  | { node: "store"; tensor: string; memory: string; keep: string }
  | { node: "loop"; rank: string; tile: number; trips: number; axis: string | null };

export interface CountCause {
  count: string;
  total: number;
  innermost: number;
  loops: { position: number; trips: number; outside: number; inside: number; reason: string }[];
}

export interface Layer {
  name: string;
  kind: string;
  same_as: string | null;
  dispatch_cycles?: number;
  from_cache: boolean;
  ranks: { name: string; extent: number }[];
  tensors: { name: string; role: Role; elements: number; bits: number; partial_bits: number }[];
  macs: number;
  points: number;
  status: string;
  space: string;
  reason: string;
  evaluations: number;
  gap: number | null;
  bound: { cycles: number; energy_pj: number };
  tree: string | null;
  path: PathNode[] | null;
  /** Per store, what causes its counts; null for copies of another layer. */
  causes: CountCause[][] | null;
  evaluation: Evaluation | null;
}

export interface Cost {
  cycles: number;
  picojoules: number;
}

/** Operators under common tile loops, or one on its own (then without `tiling` and what follows). */
export interface Stack extends Cost {
  operators: string[];
  layer_by_layer: Cost;
  own_model?: Cost;
  tiling?: string;
  tiles?: number;
  recomputed_share?: number;
  layers?: StackLayer[];
  arithmetic_picojoules?: number;
  energy?: { memory: string; role: Role; phase: "compute" | "copy"; picojoules: number }[];
  occupancy?: StackMoment[];
}

export interface StackLayer extends Cost {
  operator: string;
  tile: number[];
  output: number[];
  window: number[];
  input: number[];
  runs: number;
  recomputed_share: number;
}

export interface StackMoment {
  operator: string;
  memory: string;
  bits: number;
  capacity_bits: number | null;
  occupants: { tensor: string; bits: number }[];
}

export interface Fused extends Cost {
  method: string;
  layer_by_layer: Cost;
  bound: Cost;
  status: string;
  space: string;
  notes: string[];
  reasons: string[];
  stacks: Stack[];
}

/** Best compromises of energy and latency of one operator. */
export interface Front {
  complete: boolean;
  gap: number | null;
  points: { cycles: number; energy_pj: number; edp_pj_cycles: number; mapping: string }[];
  lower_bounds: { cycles: number; energy_pj: number }[];
}

export interface Report {
  /** What `tileloom map` adds, in the order of the layers. */
  operators?: { name: string; front?: Front }[];
  /** Stacks, if layers were fused; everything else is the schedule layer by layer. */
  fused?: Fused;
  schema: string;
  tool: string;
  model: string;
  architecture: string;
  objective: string;
  mapper: string;
  status: string;
  totals: {
    layers: number;
    layers_without_mapping: number;
    macs: number;
    cycles: number;
    dispatch_cycles?: number;
    seconds: number;
    energy_pj: number;
    edp_pj_cycles: number;
    utilisation: number;
    bound: { cycles: number; energy_pj: number };
    energy: EnergyParts;
  };
  machine: Machine;
  layers: Layer[];
  coverage: {
    summary: {
      status: string;
      nodes: number;
      macs: number;
      macs_share: number;
      bits_moved: number;
      bits_share: number;
    }[];
    nodes: {
      node: string;
      type: string;
      status: string;
      operators: string[];
      note: string;
      macs: number;
      bits_moved: number;
    }[];
  };
}

/** A layer and the layers that were copied from it. */
export interface LayerGroup {
  first: Layer;
  index: number;
  count: number;
}

export function groupLayers(report: Report, merge: boolean): LayerGroup[] {
  const groups: LayerGroup[] = [];
  const byName = new Map<string, LayerGroup>();
  report.layers.forEach((layer, index) => {
    const key = layer.same_as ?? layer.name;
    const group = merge ? byName.get(key) : undefined;
    if (group) {
      group.count += 1;
      return;
    }
    const fresh = { first: layer, index, count: 1 };
    groups.push(fresh);
    byName.set(key, fresh);
  });
  return groups;
}
