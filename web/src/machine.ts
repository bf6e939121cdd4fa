// The architecture as nested levels, and what became of the model's nodes.
import type { Axis, Memory, Report, Sourced } from "./data";
import { h, meter } from "./dom";
import * as format from "./format";
import type { Colours } from "./theme";

function bandwidths(memory: Memory): string {
  const ports = memory.ports_bits_per_cycle;
  const parts = (["read", "write", "shared"] as const).flatMap((kind) =>
    ports[kind] === null ? [] : [`${kind} ${ports[kind]} bit/cycle`]);
  return parts.length > 0 ? parts.join(", ") : "unlimited bandwidth";
}

function share(report: Report, memory: string): number {
  const parts = report.totals.energy.memories.filter((part) => part.memory === memory);
  const sum = parts.reduce((all, part) => all + part.reads_pj + part.writes_pj, 0);
  return report.totals.energy_pj > 0 ? sum / report.totals.energy_pj : 0;
}

function sourced(what: string, energy: Sourced): HTMLElement {
  return h("span", { title: energy.source, class: "dim" }, `${what} ${format.energy(energy.pj)}`);
}

function memoryLevel(report: Report, memory: Memory, colour: string): HTMLElement {
  const part = share(report, memory.name);
  const level = h("div", { class: "level" }, h("div", { class: "row" }, h("b", {}, memory.name),
    memory.instances > 1 ? h("span", {}, `\u00d7${format.exact(memory.instances)}`) : null,
    h("span", {}, memory.capacity_bits === null ? "unlimited" : format.bits(memory.capacity_bits)),
    h("span", { class: "dim" }, bandwidths(memory)), sourced("read", memory.read), sourced("write", memory.write),
    h("span", { class: "dim" }, `per ${memory.word_bits * memory.block_words} bit`),
    h("span", { class: "dim" }, memory.holds.length === 3 ? "holds everything" : `holds ${memory.holds.join(", ")}`),
    memory.double_buffered ? h("span", { class: "dim" }, "double-buffered") : null,
    h("span", {}, `${format.percent(part)} of energy`, meter(part, colour))));
  level.style.borderLeftColor = colour;
  return level;
}

function axisRow(axis: Axis): HTMLElement {
  const can = [axis.multicast ? "multicast" : "no multicast", axis.reduce ? "reduces" : "no reduction"].join(", ");
  return h("div", { class: "row" }, h("span", {}, `${axis.core ? "cores " : ""}${axis.name} \u00d7${format.exact(axis.size)}  `),
    h("span", { class: "dim" }, can, axis.hop.pj > 0 ? `, ${format.energy(axis.hop.pj)} per bit and hop` : ""));
}

/** Every memory inside the one before it, fanouts between them, compute at the bottom. */
export function machinePicture(report: Report, colours: Colours): HTMLElement {
  const machine = report.machine;
  const root = h("div");
  let inside: HTMLElement = root;
  for (let level = 0; level <= machine.memories.length; level += 1) {
    const axes = machine.axes.filter((axis) => axis.below_memories === level);
    if (axes.length > 0) {
      const fanout = h("div", { class: "fanout" }, axes.map(axisRow));
      inside.append(fanout);
      inside = fanout;
    }
    const memory = machine.memories[level];
    if (!memory) break;
    const box = memoryLevel(report, memory, colours.memory.get(memory.name) ?? colours.muted);
    inside.append(box);
    inside = box;
  }
  const part = report.totals.energy_pj > 0 ? report.totals.energy.compute_pj / report.totals.energy_pj : 0;
  const compute = h("div", { class: "level" }, h("div", { class: "row" }, h("b", {}, machine.compute.name),
    h("span", {}, `\u00d7${format.exact(machine.lanes)}`), sourced("multiply-accumulate", machine.compute.mac),
    sourced("other operation", machine.compute.other),
    machine.compute.cycles_per_operation === 1 ? null : h("span", { class: "dim" }, `${machine.compute.cycles_per_operation} cycles per operation`),
    h("span", {}, `${format.percent(part)} of energy`, meter(part, colours.compute))));
  compute.style.borderLeftColor = colours.compute;
  inside.append(compute);
  return root;
}

/** Where every picojoule figure comes from. */
export function sourceTable(report: Report): HTMLElement {
  const machine = report.machine;
  const row = (what: string, energy: Sourced, per: string) => h("tr", {}, h("td", { class: "left" }, what),
    h("td", {}, format.energy(energy.pj)), h("td", { class: "left" }, per), h("td", { class: "left wrap" }, energy.source || "not given"));
  return h("details", {}, h("summary", {}, "Where the energies come from"), h("div", { class: "scroll" }, h("table", {},
    machine.memories.flatMap((memory) => [
      row(`${memory.name} read`, memory.read, `${memory.word_bits * memory.block_words} bit`),
      row(`${memory.name} write`, memory.write, `${memory.word_bits * memory.block_words} bit`)]),
    machine.axes.filter((axis) => axis.hop.pj > 0).map((axis) => row(`${axis.name} hop`, axis.hop, "bit")),
    row("multiply-accumulate", machine.compute.mac, "operation"), row("other operation", machine.compute.other, "operation"))));
}

export function coverage(report: Report): HTMLElement {
  const summary = report.coverage.summary.map((one) => h("tr", {}, h("td", { class: "left" }, h("span", { class: `badge ${one.status}` }, one.status)),
    h("td", {}, format.exact(one.nodes)), h("td", {}, format.count(one.macs)), h("td", {}, format.percent(one.macs_share), meter(one.macs_share)),
    h("td", {}, format.bits(one.bits_moved)), h("td", {}, format.percent(one.bits_share), meter(one.bits_share))));
  const body = h("tbody");
  const render = (status: string) => body.replaceChildren(...report.coverage.nodes
    .filter((node) => status === "all" || node.status === status)
    .map((node) => h("tr", {}, h("td", { class: "name", title: node.node }, node.node), h("td", { class: "left" }, node.type),
      h("td", { class: "left" }, h("span", { class: `badge ${node.status}` }, node.status)), h("td", {}, format.count(node.macs)),
      h("td", {}, format.bits(node.bits_moved)), h("td", { class: "left wrap" }, node.operators.length > 0 ? node.operators.join(", ") : node.note))));
  const choice = h("select", { "aria-label": "which nodes", change: (event) => render((event.target as HTMLSelectElement).value) },
    ["all", "mapped", "folded", "unmapped"].map((one) => h("option", { value: one }, one)));
  render("all");
  return h("div", {}, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { class: "left" }, "nodes"), h("th", {}, "number"),
    h("th", {}, "MACs"), h("th", {}, "of MACs"), h("th", {}, "moved"), h("th", {}, "of bytes"))), h("tbody", {}, summary))),
  h("details", {}, h("summary", {}, `All ${report.coverage.nodes.length} nodes of the model`), h("p", { class: "controls" }, "show ", choice),
    h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { class: "left" }, "node"), h("th", { class: "left" }, "type"),
      h("th", { class: "left" }, "status"), h("th", {}, "MACs"), h("th", {}, "moved"), h("th", { class: "left" }, "became"))), body))));
}
