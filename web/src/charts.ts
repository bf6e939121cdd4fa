// Stacked bars and the roofline, drawn by Chart.js.
import {
  BarController, BarElement, CategoryScale, Chart, type ChartConfiguration, Legend, LinearScale,
  LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip,
} from "chart.js";
import type { EnergyParts, Evaluation, Front, LayerGroup, Report } from "./data";
import * as format from "./format";
import type { Colours } from "./theme";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, LineElement,
  LogarithmicScale, PointElement, ScatterController, Tooltip);

export interface Series {
  label: string;
  colour: string;
  values: number[];
}

export function label(group: LayerGroup): string {
  return group.count > 1 ? `${group.first.name} \u00d7${group.count}` : group.first.name;
}

function sums(energy: EnergyParts, key: (part: EnergyParts["memories"][number]) => string): Map<string, number> {
  const by = new Map<string, number>();
  for (const part of energy.memories) {
    by.set(key(part), (by.get(key(part)) ?? 0) + part.reads_pj + part.writes_pj);
    by.set("network", (by.get("network") ?? 0) + part.network_pj);
  }
  return by;
}

/** Energy of every group, all its copies together, split by memory or by role. */
export function energySeries(report: Report, groups: LayerGroup[], by: string, c: Colours): Series[] {
  const roles = by === "tensor";
  const names = roles ? ["input", "weight", "output"] : report.machine.memories.map((one) => one.name);
  const parts = groups.map((group) => {
    const energy = group.first.evaluation?.energy;
    return energy ? sums(energy, (part) => (roles ? part.role : part.memory)) : new Map<string, number>();
  });
  const series = names.map((name) => ({
    label: name,
    colour: (roles ? c.role[name] : c.memory.get(name)) ?? c.muted,
    values: groups.map((group, i) => (parts[i]?.get(name) ?? 0) * group.count),
  }));
  series.push({
    label: "network", colour: c.network,
    values: groups.map((group, i) => (parts[i]?.get("network") ?? 0) * group.count),
  });
  series.push({
    label: report.machine.compute.name, colour: c.compute,
    values: groups.map((group) => (group.first.evaluation?.energy.compute_pj ?? 0) * group.count),
  });
  return series.filter((one) => one.values.some((value) => value > 0));
}

/** Cycles the port that binds a layer takes beyond its computation. */
function portWait(one: Evaluation | null): number {
  const port = one?.ports.find((other) => `${other.memory} ${other.port} port` === one.bound_by);
  return one && port ? Math.max(0, port.cycles - one.compute_cycles) : 0;
}

/** Cycles of every group: what compute takes, what the slowest port takes beyond that, and the rest. */
export function latencySeries(report: Report, groups: LayerGroup[], c: Colours): Series[] {
  const of = (cycles: (one: Evaluation) => number) =>
    groups.map((group) => (group.first.evaluation ? cycles(group.first.evaluation) * group.count : 0));
  const series: Series[] = [{ label: "computing", colour: c.compute, values: of((one) => one.compute_cycles) }];
  for (const memory of report.machine.memories) {
    for (const port of ["read", "write", "shared"]) {
      const name = `${memory.name} ${port} port`;
      const colour = c.memory.get(memory.name) ?? c.muted;
      series.push({ label: `waiting for ${name}`, colour: port === "write" ? `${colour}99` : colour,
        values: of((one) => (one.bound_by === name ? portWait(one) : 0)) });
    }
  }
  series.push({ label: "filling, draining, waiting between tiles", colour: c.network,
    values: of((one) => one.cycles - one.compute_cycles - portWait(one)) });
  series.push({ label: "starting, synchronising cores", colour: c.muted,
    values: groups.map((group) => (group.first.dispatch_cycles ?? 0) * group.count) });
  return series.filter((one) => one.values.some((value) => value > 0));
}

const charts = new Map<HTMLCanvasElement, Chart>();

function draw(canvas: HTMLCanvasElement, config: ChartConfiguration): void {
  charts.get(canvas)?.destroy();
  charts.set(canvas, new Chart(canvas, config));
}

/** Labels of a logarithmic axis at 1, 2 and 5 times the powers of ten only. */
function logarithmicTicks(c: Colours) {
  return {
    color: c.muted, maxRotation: 0,
    callback: (value: string | number) => (format.isRound(Number(value)) ? String(Number(Number(value).toPrecision(6))) : null),
  };
}

function axisStyle(c: Colours, title: string) {
  return {
    grid: { color: c.grid },
    border: { color: c.grid },
    ticks: { color: c.muted },
    title: { display: title !== "", text: title, color: c.muted },
  };
}

/** Stacked bars; `relative` makes every bar 100 %. */
export function stackedBars(canvas: HTMLCanvasElement, groups: LayerGroup[], series: Series[], c: Colours,
  options: { unit: (value: number) => string; title: string; relative: boolean;
    tip?: (group: LayerGroup) => string[]; pick: (index: number) => void }): void {
  const totals = groups.map((_, i) => series.reduce((sum, one) => sum + (one.values[i] ?? 0), 0));
  const shown = (one: Series) => options.relative
    ? one.values.map((value, i) => (totals[i] ? value / totals[i] : 0)) : one.values;
  draw(canvas, {
    type: "bar",
    data: {
      labels: groups.map(label),
      datasets: series.map((one) => ({
        label: one.label, data: shown(one), backgroundColor: one.colour,
        categoryPercentage: groups.length > 60 ? 0.94 : 0.82, barPercentage: 1,
      })),
    },
    options: {
      responsive: true, maintainAspectRatio: false, animation: false, normalized: true,
      interaction: { mode: "index", intersect: false },
      onClick: (_event, elements) => {
        const group = elements[0] && groups[elements[0].index];
        if (group) options.pick(group.index);
      },
      scales: {
        x: {
          stacked: true, ...axisStyle(c, ""), grid: { display: false },
          ticks: {
            color: c.muted, maxRotation: 60, minRotation: 0, autoSkip: true, sampleSize: 24,
            callback: (_value, i) => format.shorten(label(groups[i] as LayerGroup), 20),
          },
        },
        y: {
          stacked: true, ...axisStyle(c, options.title), max: options.relative ? 1 : undefined,
          ticks: {
            color: c.muted,
            callback: (value) => (options.relative ? `${Math.round(Number(value) * 100)} %` : format.tick(options.unit(Number(value)))),
          },
        },
      },
      plugins: {
        legend: { position: "top", align: "start", labels: { color: c.text, boxWidth: 12, boxHeight: 12 } },
        tooltip: {
          callbacks: {
            label: (item) => {
              const value = series[item.datasetIndex]?.values[item.dataIndex] ?? 0;
              const all = totals[item.dataIndex] ?? 0;
              return value === 0 ? "" : ` ${item.dataset.label}: ${options.unit(value)} (${format.percent(value / all)})`;
            },
            footer: (items) => {
              const i = items[0]?.dataIndex ?? 0;
              const group = groups[i];
              return [`total ${options.unit(totals[i] ?? 0)}`, ...(group && options.tip ? options.tip(group) : [])];
            },
          },
          filter: (item) => (series[item.datasetIndex]?.values[item.dataIndex] ?? 0) > 0,
        },
      },
    },
  });
}

export interface Roof {
  name: string;
  memory: string;
  port: string;
  bandwidth: number;
}

/** Ports that have a bandwidth and are used. */
export function roofs(report: Report): Roof[] {
  const found: Roof[] = [];
  for (const memory of report.machine.memories) {
    for (const port of ["read", "write", "shared"] as const) {
      const bandwidth = memory.ports_bits_per_cycle[port];
      const used = report.layers.some((layer) =>
        layer.evaluation?.ports.some((one) => one.memory === memory.name && one.port === port && one.bits > 0));
      if (bandwidth && used) found.push({ name: `${memory.name} ${port} port`, memory: memory.name, port, bandwidth });
    }
  }
  return found;
}

function portBits(evaluation: Evaluation, roof: Roof): number {
  return evaluation.ports.find((one) => one.memory === roof.memory && one.port === roof.port)?.bits ?? 0;
}

/** Operations per cycle over operations per bit through one port, with the roofs of both. */
export function roofline(canvas: HTMLCanvasElement, report: Report, groups: LayerGroup[], roof: Roof, c: Colours,
  pick: (index: number) => void): void {
  const peak = report.machine.lanes / report.machine.compute.cycles_per_operation;
  const drawn = groups.flatMap((group) => {
    const one = group.first.evaluation;
    const bits = one ? portBits(one, roof) : 0;
    if (!one || bits <= 0 || one.cycles === 0) return [];
    return [{ x: group.first.points / bits, y: group.first.points / one.cycles, group, byThis: one.bound_by === roof.name,
      byCompute: one.bound_by === "compute" }];
  });
  const ridge = peak / roof.bandwidth;
  const xs = [...drawn.map((point) => point.x), ridge];
  const low = Math.min(...xs) / 2;
  const high = Math.max(...xs) * 2;
  const line = [{ x: low, y: low * roof.bandwidth }, { x: ridge, y: peak }, { x: high, y: peak }];
  const colour = c.memory.get(roof.memory) ?? c.muted;
  const points = (name: string, fill: string, some: typeof drawn) => ({
    label: name, data: some, backgroundColor: fill, pointRadius: 5, pointHoverRadius: 7,
  });
  draw(canvas, {
    type: "scatter",
    data: {
      datasets: [
        points("bound by this port", colour, drawn.filter((one) => one.byThis)),
        points("bound by compute", c.compute, drawn.filter((one) => one.byCompute)),
        points("bound by another port", c.network, drawn.filter((one) => !one.byThis && !one.byCompute)),
        { label: "roof", data: line, showLine: true, borderColor: c.text, borderWidth: 1.5, pointRadius: 0,
          pointHitRadius: 0, backgroundColor: c.text },
      ],
    },
    options: {
      responsive: true, maintainAspectRatio: false, animation: false,
      onClick: (_event, elements) => {
        const point = elements[0] && (elements[0].element as unknown as { $context: { raw: { group?: LayerGroup } } }).$context.raw;
        if (point?.group) pick(point.group.index);
      },
      scales: {
        x: { type: "logarithmic", min: low, max: high, ...axisStyle(c, `operations per bit through the ${roof.name}`), ticks: logarithmicTicks(c) },
        y: { type: "logarithmic", ...axisStyle(c, "operations per cycle"), ticks: logarithmicTicks(c) },
      },
      plugins: {
        legend: { position: "top", align: "start", labels: { color: c.text, boxWidth: 12, boxHeight: 12 } },
        tooltip: {
          filter: (item) => item.dataset.label !== "roof",
          callbacks: {
            label: (item) => {
              const point = item.raw as (typeof drawn)[number];
              const attainable = Math.min(peak, point.x * roof.bandwidth);
              return [label(point.group), `${format.count(point.y)} of ${format.count(attainable)} attainable operations per cycle`,
                `bound by ${point.group.first.evaluation?.bound_by}`];
            },
          },
        },
      },
    },
  });
}

/** Points of a front, the chosen one filled, and the stairs below which no mapping is: every one is no better than a point or at least a corner. */
export function front(canvas: HTMLCanvasElement, shown: Front, chosen: number, c: Colours, pick: (index: number) => void): void {
  const all = [...shown.points, ...shown.lower_bounds];
  const beaten = (one: { cycles: number; energy_pj: number }) => all.some((other) => other !== one && other.cycles <= one.cycles
    && other.energy_pj <= one.energy_pj && (other.cycles < one.cycles || other.energy_pj < one.energy_pj));
  const stairs = all.filter((one) => !beaten(one)).map((one) => ({ x: one.cycles, y: one.energy_pj })).sort((a, b) => a.x - b.x);
  const scale = (values: number[], title: string, text: (value: number) => string) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const wide = most > 10 * least;
    return {
      ...axisStyle(c, title), type: (wide ? "logarithmic" : "linear") as "linear", min: least * 0.95, max: most * 1.05,
      ticks: { color: c.muted, maxRotation: 0, includeBounds: false,
        callback: (value: string | number) => (wide && !format.isRound(Number(value)) ? null : format.tick(text(Number(value)))) },
    };
  };
  draw(canvas, {
    type: "scatter",
    data: {
      datasets: [
        { label: "mappings", data: shown.points.map((one) => ({ x: one.cycles, y: one.energy_pj })), borderColor: c.compute,
          backgroundColor: shown.points.map((_, i) => (i === chosen ? c.compute : "transparent")), borderWidth: 2, pointRadius: 6,
          pointHoverRadius: 8 },
        { label: "no mapping below and to the left", data: stairs, showLine: true, stepped: "before", borderColor: c.muted,
          backgroundColor: c.muted, borderWidth: 1.5, pointRadius: 3 },
      ],
    },
    options: {
      responsive: true, maintainAspectRatio: false, animation: false,
      onClick: (_event, elements) => {
        const point = elements.find((one) => one.datasetIndex === 0);
        if (point) pick(point.index);
      },
      scales: {
        x: scale(all.map((one) => one.cycles), "cycles", format.count),
        y: scale(all.map((one) => one.energy_pj), "energy", format.energy),
      },
      plugins: {
        legend: { position: "top", align: "start",
          labels: { color: c.text, boxWidth: 12, boxHeight: 12, filter: (item) => item.datasetIndex === 0 || stairs.length > 0 } },
        tooltip: {
          callbacks: {
            label: (item) => ` ${item.datasetIndex === 0 ? "" : "at least "}${format.exact(item.parsed.x ?? 0)} cycles, ${format.energy(item.parsed.y ?? 0)}`,
          },
        },
      },
    },
  });
}
