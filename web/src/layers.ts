// The table of layers: sorted, filtered, and opened for the details of one.
import type { CountCause, Evaluation, Layer, LayerGroup, Report } from "./data";
import { h, meter } from "./dom";
import * as format from "./format";
import type { Colours } from "./theme";
import { treeTable } from "./tree";

interface Head {
  title: string;
  hint?: string;
  left?: boolean;
  value: (group: LayerGroup) => number | string;
}

function heads(): Head[] {
  const of = (pick: (one: Evaluation) => number | string) => (group: LayerGroup) =>
    group.first.evaluation ? pick(group.first.evaluation) : -1;
  return [
    { title: "#", value: (group) => group.index },
    { title: "layer", left: true, value: (group) => group.first.name },
    { title: "kind", left: true, value: (group) => group.first.kind },
    { title: "MACs", value: (group) => group.first.macs },
    { title: "cycles", value: of((one) => one.cycles) },
    { title: "time", hint: "share of all cycles, copies together", value: (group) => (group.first.evaluation?.cycles ?? -1) * group.count },
    { title: "util.", hint: "utilisation: lanes that work, on average", value: of((one) => one.utilisation) },
    { title: "energy", value: of((one) => one.energy_pj) },
    { title: "share", hint: "share of all energy, copies together", value: (group) => (group.first.evaluation?.energy_pj ?? -1) * group.count },
    { title: "EDP", hint: "energy times delay of one, pJ\u00b7cycles", value: of((one) => one.edp_pj_cycles) },
    { title: "bound by", left: true, value: (group) => group.first.evaluation?.bound_by ?? "" },
    { title: "gap", hint: "distance of the objective to the lower bound of the map space", value: (group) => group.first.gap ?? Infinity },
    { title: "status", left: true, value: (group) => group.first.status },
  ];
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}

export class LayerTable {
  readonly element: HTMLElement;
  private readonly body = h("tbody");
  private readonly filter = h("input", { type: "search", placeholder: "filter by name, kind or bound", "aria-label": "filter layers" });
  private readonly counted = h("span");
  private readonly columns = heads();
  private readonly titles: HTMLTableCellElement[];
  private sortBy = 0;
  private descending = false;
  private opened: number | null = null;

  constructor(private readonly report: Report, private groups: LayerGroup[], private colours: Colours) {
    this.titles = this.columns.map((head, i) => h("th", { class: head.left ? "left" : "", "aria-sort": "none", tabindex: 0, title: head.hint ?? "",
      click: () => this.sort(i), keydown: (event) => { if ((event as KeyboardEvent).key === "Enter") this.sort(i); } }, head.title));
    this.filter.addEventListener("input", () => this.render());
    this.element = h("div", {}, h("div", { class: "controls" }, this.filter, this.counted),
      h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, this.titles)), this.body)));
    this.render();
  }

  update(groups: LayerGroup[], colours: Colours): void {
    this.groups = groups;
    this.colours = colours;
    this.render();
  }

  /** Opens a layer by its number, dropping a filter that hides it. */
  show(index: number): void {
    this.opened = index;
    this.filter.value = "";
    this.render();
    this.body.querySelector("tr.open")?.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  private sort(column: number): void {
    const numeric = !this.columns[column]?.left && column > 0;
    this.descending = this.sortBy === column ? !this.descending : numeric;
    this.sortBy = column;
    this.render();
  }

  private visible(): LayerGroup[] {
    const wanted = this.filter.value.trim().toLowerCase();
    const head = this.columns[this.sortBy] as Head;
    const shown = this.groups.filter((group) => [group.first.name, group.first.kind, group.first.evaluation?.bound_by ?? "", group.first.status]
      .some((text) => text.toLowerCase().includes(wanted)));
    shown.sort((a, b) => (this.descending ? -1 : 1) * compare(head.value(a), head.value(b)) || a.index - b.index);
    return shown;
  }

  private render(): void {
    this.titles.forEach((title, i) => title.setAttribute("aria-sort",
      i !== this.sortBy ? "none" : this.descending ? "descending" : "ascending"));
    const shown = this.visible();
    this.counted.textContent = shown.length === this.groups.length ? `${shown.length} rows; click one for its loop tree`
      : `${shown.length} of ${this.groups.length} rows`;
    this.body.replaceChildren(...shown.flatMap((group) => this.rows(group)));
  }

  private rows(group: LayerGroup): HTMLElement[] {
    const layer = group.first;
    const one = layer.evaluation;
    const totals = this.report.totals;
    const none = h("td", {}, "\u2013");
    const share = (part: number | undefined, whole: number) => {
      const value = part === undefined || whole === 0 ? 0 : (part * group.count) / whole;
      return h("td", {}, part === undefined ? "\u2013" : format.percent(value), meter(value));
    };
    const open = this.opened === group.index;
    const toggle = () => {
      this.opened = open ? null : group.index;
      this.render();
    };
    const row = h("tr", { class: open ? "layer open" : "layer", tabindex: 0, "aria-expanded": String(open), click: toggle,
      keydown: (event) => { if ((event as KeyboardEvent).key === "Enter") toggle(); } },
    h("td", { class: "dim" }, group.index + 1),
    h("td", { class: "name", title: layer.name }, layer.name,
      group.count > 1 ? h("span", { class: "copies" }, `\u00d7${group.count}`) : null),
    h("td", { class: "left" }, layer.kind), h("td", {}, format.count(layer.macs)),
    one ? h("td", { title: format.exact(one.cycles) }, format.count(one.cycles)) : none.cloneNode(true),
    share(one?.cycles, totals.cycles), one ? h("td", {}, format.percent(one.utilisation)) : none.cloneNode(true),
    one ? h("td", {}, format.energy(one.energy_pj)) : none.cloneNode(true), share(one?.energy_pj, totals.energy_pj),
    one ? h("td", {}, format.count(one.edp_pj_cycles)) : none.cloneNode(true),
    h("td", { class: "left" }, one?.bound_by ?? "\u2013"), h("td", {}, format.gap(layer.gap)),
    h("td", { class: "left" }, h("span", { class: `badge ${layer.status}` }, layer.status.replace("_", " "))));
    return open ? [row, h("tr", { class: "detail" }, h("td", { colspan: this.columns.length }, this.detail(group)))] : [row];
  }

  private causes(layer: Layer): CountCause[][] | null {
    if (layer.causes || layer.same_as === null) return layer.causes;
    return this.report.layers.find((other) => other.name === layer.same_as)?.causes ?? null;
  }

  private detail(group: LayerGroup): HTMLElement {
    const layer = group.first;
    const shape = layer.ranks.map((rank) => `${rank.name} ${format.exact(rank.extent)}`).join(", ");
    const tensors = layer.tensors.map((tensor) => `${tensor.name} (${tensor.role}, ${format.bits(tensor.elements * tensor.bits)})`).join(", ");
    const facts = h("p", { class: "note" }, `${shape}; ${tensors}. `,
      layer.same_as !== null ? `Solved once with ${layer.same_as}. ` : "",
      `${format.exact(layer.evaluations)} mappings evaluated${layer.from_cache ? " (answer from the cache)" : ""}. `,
      layer.space ? `Map space: ${layer.space}. ` : "",
      `No mapping needs less than ${format.exact(layer.bound.cycles)} cycles or ${format.energy(layer.bound.energy_pj)}.`);
    const one = layer.evaluation;
    if (!one) return h("div", {}, h("h3", {}, "No mapping"), h("p", {}, layer.reason), facts);
    return h("div", {},
      h("h3", {}, `Bound by ${one.bound_by}`),
      h("ul", { class: "why" }, one.relief.map((sentence) => h("li", {}, sentence))), facts,
      treeTable(layer, this.causes(layer), this.colours),
      h("div", { class: "columns" }, this.busy(one), this.occupancy(one)));
  }

  private busy(one: Evaluation): HTMLElement {
    const row = (name: string, cycles: number, colour: string) => h("tr", {}, h("td", { class: "left" }, name),
      h("td", {}, format.count(cycles)), h("td", {}, format.percent(cycles / one.cycles), meter(cycles / one.cycles, colour)));
    const limited = one.ports.filter((port) => port.cycles > 0);
    return h("div", {}, h("h3", {}, "Busy cycles"), h("table", {}, row("compute", one.compute_cycles, this.colours.compute),
      limited.map((port) => row(`${port.memory} ${port.port} port`, port.cycles, this.colours.memory.get(port.memory) ?? this.colours.muted))));
  }

  private occupancy(one: Evaluation): HTMLElement {
    const rows = one.occupancy.map((memory) => {
      const full = memory.capacity_bits === null ? null : memory.used_bits / memory.capacity_bits;
      const held = memory.buffers.map((buffer) => `${buffer.tensor} ${format.bits(buffer.bits)}`).join(", ");
      return h("tr", { title: held }, h("td", { class: "left" }, memory.memory), h("td", {}, format.bits(memory.used_bits)),
        h("td", {}, memory.capacity_bits === null ? "unlimited" : `of ${format.bits(memory.capacity_bits)}`),
        h("td", {}, full === null ? "" : format.percent(full), full === null ? null : meter(full, this.colours.memory.get(memory.memory))));
    });
    return h("div", {}, h("h3", {}, "Occupancy of one instance"), h("table", {}, rows));
  }
}
