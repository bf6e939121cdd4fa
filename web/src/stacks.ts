// Stacks of fused layers: what each costs beside its layers one by one, the pyramid of tiles, what
// sits in which memory when, and where the energy goes.
import type { Cost, Fused, Report, Stack, StackLayer } from "./data";
import { h, meter, svg, swatch } from "./dom";
import * as format from "./format";
import { colours } from "./theme";

const kWidth = 330;
const kRow = 20;

function gain(before: number, after: number): string {
  return after > 0 ? format.factor(before / after) : "\u2013";
}

function costRow(title: string, cost: Cost, beside: Cost): HTMLElement {
  return h("tr", {}, h("td", { class: "left" }, title), h("td", { title: format.exact(cost.cycles) }, format.count(cost.cycles)),
    h("td", {}, gain(beside.cycles, cost.cycles)), h("td", {}, format.energy(cost.picojoules)), h("td", {}, gain(beside.picojoules, cost.picojoules)));
}

function head(titles: string[], left = 1): HTMLElement {
  return h("thead", {}, h("tr", {}, titles.map((title, i) => h("th", { class: i < left ? "left" : "" }, title))));
}

function sizes(lengths: number[]): string {
  return lengths.length > 0 ? lengths.join("\u00d7") : "\u2013";
}

/** The axis along which tiles are narrowest, counted from the end, so that it is one axis for all layers. */
function pyramidAxis(layers: StackLayer[]): number {
  const last = layers[layers.length - 1] as StackLayer;
  let best = 1;
  let least = Infinity;
  last.tile.forEach((length, i) => {
    const share = length / (last.output[i] ?? 1);
    if (share < least || (share === least && last.output.length - i === 1)) {
      least = share;
      best = last.tile.length - i;
    }
  });
  return best;
}

/** Per layer the tile it computes, and around it the window it reads; the last layer on top. */
function pyramid(layers: StackLayer[]): SVGElement {
  const axis = pyramidAxis(layers);
  const along = (lengths: number[]) => lengths[lengths.length - axis] ?? 1;
  const widest = Math.max(1, ...layers.flatMap((layer) => [along(layer.window), along(layer.tile)]));
  const bar = (layer: StackLayer, lengths: number[], row: number, colour: string, what: string) => {
    const width = (along(lengths) / widest) * kWidth;
    return svg("rect", { x: (kWidth - width) / 2, y: row * kRow + 3, width, height: kRow - 6, rx: 2, fill: colour },
      svg("title", {}, `${layer.operator} ${what} ${sizes(lengths)}`));
  };
  const rows = [...layers].reverse().flatMap((layer, row) => [
    bar(layer, layer.window, row, "var(--line)", "reads"),
    bar(layer, layer.tile, row, "var(--accent)", "computes"),
    svg("text", { x: kWidth + 10, y: row * kRow + 14, "font-size": 12, fill: "currentColor" },
      `${format.shorten(layer.operator, 30)}: ${along(layer.tile)} of ${along(layer.output)}, reads ${along(layer.window)}`)]);
  return svg("svg", { class: "pyramid", viewBox: `0 0 ${kWidth + 330} ${layers.length * kRow}`, width: kWidth + 330, role: "img",
    "aria-label": "tile pyramid" }, rows);
}

function layerTable(layers: StackLayer[]): HTMLElement {
  return h("table", {}, head(["layer", "tile", "reads", "of", "runs", "computed again", "cycles", "energy"]),
    h("tbody", {}, layers.map((layer) => h("tr", {}, h("td", { class: "name", title: layer.operator }, layer.operator),
      h("td", {}, sizes(layer.tile)), h("td", {}, sizes(layer.window)), h("td", {}, sizes(layer.output)), h("td", {}, format.count(layer.runs)),
      h("td", {}, format.percent(layer.recomputed_share), meter(layer.recomputed_share, "var(--warn)")),
      h("td", {}, format.count(layer.cycles)), h("td", {}, format.energy(layer.picojoules))))));
}

/** Memories down, operators across: how full each is at its fullest while the operator runs, and with what. */
function occupancy(stack: Stack): HTMLElement {
  const moments = stack.occupancy ?? [];
  const memories = [...new Set(moments.map((one) => one.memory))];
  const operators = [...new Set(moments.map((one) => one.operator))];
  const cell = (memory: string, operator: string) => {
    const moment = moments.find((one) => one.memory === memory && one.operator === operator);
    if (!moment) return h("td", {}, "\u2013");
    const what = moment.occupants.map((one) => `${one.tensor}: ${format.bits(one.bits)}`).join("\n");
    return h("td", { title: what }, format.bits(moment.bits), moment.capacity_bits === null ? null : meter(moment.bits / moment.capacity_bits));
  };
  return h("div", { class: "scroll" }, h("table", { class: "occupancy" }, head(["memory", ...operators.map((one) => format.shorten(one, 16))]),
    h("tbody", {}, memories.map((memory) => h("tr", {}, h("td", { class: "left" }, memory), operators.map((operator) => cell(memory, operator)))))));
}

/** Memory by memory what the operators' own accesses cost and what copies between tiles and halos cost, by operand. */
function energies(report: Report, stack: Stack): HTMLElement {
  const all = stack.energy ?? [];
  const role = colours(report).role;
  const whole = stack.picojoules;
  const memories = [...new Set(all.map((one) => one.memory))];
  const parts = (memory: string, phase: string) => all.filter((one) => one.memory === memory && one.phase === phase);
  const bars = (memory: string, phase: string) => h("td", { class: "left" }, parts(memory, phase).map((one) => {
    const bar = h("i", { class: "share", title: `${one.role}: ${format.energy(one.picojoules)}` });
    bar.style.width = `${Math.max(1, 160 * (whole > 0 ? one.picojoules / whole : 0))}px`;
    bar.style.background = role[one.role] ?? "var(--accent)";
    return bar;
  }), " ", format.energy(parts(memory, phase).reduce((sum, one) => sum + one.picojoules, 0)));
  return h("div", {}, h("div", {}, Object.entries(role).map(([name, colour]) => swatch(colour, name))),
    h("table", { class: "phases" }, head(["memory", "compute", "copy"], 3),
      h("tbody", {}, memories.map((memory) => h("tr", {}, h("td", { class: "left" }, memory), bars(memory, "compute"), bars(memory, "copy"))),
        h("tr", {}, h("td", { class: "left" }, "arithmetic"), h("td", { class: "left" }, format.energy(stack.arithmetic_picojoules ?? 0)), h("td", {})))));
}

function detail(report: Report, stack: Stack): HTMLElement {
  const layers = stack.layers ?? [];
  return h("details", { class: "stack" },
    h("summary", {}, `${stack.operators[0]} .. ${stack.operators[stack.operators.length - 1]}: ${stack.tiling}, ${format.exact(stack.tiles ?? 0)} tiles`),
    pyramid(layers), h("div", { class: "scroll" }, layerTable(layers)),
    h("h3", {}, "What sits in which memory while each layer runs"), occupancy(stack),
    h("h3", {}, "Energy by memory, operand and phase"), energies(report, stack));
}

function row(stack: Stack): HTMLElement {
  const many = stack.operators.length > 1;
  const first = stack.operators[0] ?? "";
  return h("tr", { class: many ? "stack" : "" },
    h("td", { class: "name", title: stack.operators.join("\n") }, many ? `${first} .. (${stack.operators.length})` : first),
    h("td", { class: "left" }, stack.tiling ?? "alone"),
    h("td", {}, stack.recomputed_share === undefined ? "\u2013" : format.percent(stack.recomputed_share)),
    h("td", {}, format.count(stack.cycles)), h("td", {}, many ? gain(stack.layer_by_layer.cycles, stack.cycles) : ""),
    h("td", {}, format.energy(stack.picojoules)), h("td", {}, many ? gain(stack.layer_by_layer.picojoules, stack.picojoules) : ""),
    h("td", {}, stack.own_model ? `${format.energy(stack.own_model.picojoules)}, ${format.count(stack.own_model.cycles)} cycles` : ""));
}

export function stacks(report: Report, fused: Fused): HTMLElement {
  const fusedStacks = fused.stacks.filter((one) => one.layers !== undefined);
  return h("div", {},
    h("table", { class: "beside" }, head(["", "cycles", "gain", "energy", "gain"]),
      h("tbody", {}, costRow(`stacks by ${fused.method}`, fused, fused.layer_by_layer), costRow("layer by layer", fused.layer_by_layer, fused.layer_by_layer),
        costRow("bound of any schedule", fused.bound, fused.layer_by_layer))),
    [...fused.reasons, ...fused.notes].map((note) => h("p", { class: "note" }, note)),
    h("div", { class: "scroll" }, h("table", {}, head(["operators", "tiles", "computed again", "cycles", "gain", "energy", "gain", "by its own model"], 2),
      h("tbody", {}, fused.stacks.map(row)))),
    fusedStacks.map((stack) => detail(report, stack)));
}
