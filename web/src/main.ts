// Assembles the page from the report inside it.
import * as charts from "./charts";
import { groupLayers, type LayerGroup, type Report } from "./data";
import { h, section } from "./dom";
import * as format from "./format";
import { Fronts, frontsOf } from "./fronts";
import { LayerTable } from "./layers";
import { coverage, machinePicture, sourceTable } from "./machine";
import { stacks } from "./stacks";
import "./style.css";
import { type Colours, colours, isDark } from "./theme";

function card(value: string, what: string, more = ""): HTMLElement {
  return h("div", { class: "card" }, h("b", {}, value), h("span", {}, what, more ? h("br") : null, more));
}

function dispatch(cycles: number): string {
  return cycles > 0 ? `, ${format.exact(cycles)} to start layers and synchronise cores` : "";
}

function cards(report: Report): HTMLElement {
  const totals = report.totals;
  const over = (found: number, bound: number) => (bound > 0 ? `${format.factor(found / bound)} the bound of any mapping` : "");
  const missing = totals.layers_without_mapping;
  return h("div", { class: "cards" },
    card(format.seconds(totals.seconds), `${format.exact(totals.cycles)} cycles${dispatch(totals.dispatch_cycles ?? 0)}`, over(totals.cycles, totals.bound.cycles)),
    card(format.energy(totals.energy_pj), "energy", over(totals.energy_pj, totals.bound.energy_pj)),
    card(format.edp(totals.energy_pj, totals.seconds), "energy \u00d7 delay", `${format.count(totals.edp_pj_cycles)} pJ\u00b7cycles`),
    card(format.percent(totals.utilisation), "utilisation", `of ${format.exact(report.machine.lanes)} lanes`),
    card(format.count(totals.macs), "multiply-accumulates", totals.seconds > 0 ? `${format.count(totals.macs / totals.seconds)} per second` : ""),
    card(String(totals.layers), "layers", missing > 0 ? `${missing} without a mapping, left out of the totals` : report.status.replace("_", " ")));
}

/** Buttons of which one is pressed. */
function choice(options: string[], chosen: (option: string) => void): HTMLElement {
  const buttons = options.map((option, i) => h("button", { type: "button", "aria-pressed": String(i === 0), click: () => {
    buttons.forEach((one, j) => one.setAttribute("aria-pressed", String(i === j)));
    chosen(option);
  } }, option));
  return h("span", { class: "switch", role: "group" }, buttons);
}

class Page {
  private merge = true;
  private by = "memory";
  private relative = false;
  private colours: Colours;
  private groups: LayerGroup[];
  private readonly latency = h("canvas", { role: "img", "aria-label": "cycles of every layer" });
  private readonly energy = h("canvas", { role: "img", "aria-label": "energy of every layer" });
  private readonly roofline = h("canvas", { role: "img", "aria-label": "roofline" });
  private readonly machine = h("div");
  private readonly roofs: charts.Roof[];
  private roof: charts.Roof | undefined;
  private readonly table: LayerTable;
  private readonly fronts: Fronts | null;

  constructor(private readonly report: Report) {
    this.colours = colours(report);
    this.groups = groupLayers(report, this.merge);
    this.roofs = charts.roofs(report);
    this.roof = this.roofs[0];
    this.table = new LayerTable(report, this.groups, this.colours);
    const [first, ...others] = frontsOf(report);
    this.fronts = first ? new Fronts([first, ...others]) : null;
  }

  render(root: HTMLElement): void {
    const report = this.report;
    document.title = `${report.model} on ${report.architecture} \u2013 Tileloom`;
    const fused = report.fused;
    root.append(this.header(), this.navigation(),
      ...(fused ? [section("stacks", "Stacks", fused.space, stacks(report, fused)),
        h("h2", {}, "Layer by layer")] : []),
      cards(report),
      ...this.frontsSection(),
      section("time", "Where the time goes", "Cycles of every layer: what its computation takes, and what the slowest memory port takes beyond that. Click a bar for the layer.",
        h("div", { class: "chart" }, this.latency)),
      section("energy", "Where the energy goes", "",
        h("div", { class: "controls" }, choice(["by memory", "by tensor"], (one) => { this.by = one.slice(3); this.draw(); }),
          choice(["absolute", "share of layer"], (one) => { this.relative = one !== "absolute"; this.draw(); })),
        h("div", { class: "chart" }, this.energy)),
      ...this.rooflineSection(),
      section("layers", "Layers", "What bounds every layer and what would relieve it; the loop tree with the counts of every store, and the loops that cause them.",
        this.table.element),
      section("machine", "Machine", report.machine.source, this.machine, sourceTable(report)),
      section("coverage", "Coverage of the model", "Nothing is dropped: every node of the model is mapped, folded into a neighbour, or listed as unmapped.", coverage(report)),
      h("footer", {}, `${report.tool}, schema ${report.schema}. Every figure is the cost model\u2019s (docs/cost_model.md); the same figures are in schedule.json and schedule.csv.`));
    this.draw();
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }

  private header(): HTMLElement {
    const report = this.report;
    const theme = h("button", { type: "button", click: () => {
      document.documentElement.dataset["theme"] = isDark() ? "light" : "dark";
      this.recolour();
    } }, "light / dark");
    const copies = report.layers.some((layer) => layer.same_as !== null);
    const merge = h("button", { type: "button", "aria-pressed": "true", click: () => {
      this.merge = !this.merge;
      merge.setAttribute("aria-pressed", String(this.merge));
      this.groups = groupLayers(report, this.merge);
      this.table.update(this.groups, this.colours);
      this.draw();
    } }, "merge identical layers");
    return h("header", {}, h("h1", {}, report.model, h("small", {}, " on ", report.architecture)),
      h("span", { class: "meta" }, `least ${report.objective}, mapper ${report.mapper}, `,
        h("span", { class: `badge ${report.status}` }, report.status.replace("_", " "))),
      copies ? merge : null, theme);
  }

  private navigation(): HTMLElement {
    const links = [["time", "Time"], ["energy", "Energy"], ["roofline", "Roofline"], ["layers", "Layers"], ["machine", "Machine"], ["coverage", "Coverage"]];
    if (this.report.fused) links.unshift(["stacks", "Stacks"]);
    if (this.fronts) links.unshift(["fronts", "Compromises"]);
    return h("nav", {}, links.filter(([id]) => id !== "roofline" || this.roof).map(([id, text]) => h("a", { href: `#${id}` }, text)));
  }

  private rooflineSection(): HTMLElement[] {
    if (!this.roof) return [];
    const select = h("select", { "aria-label": "port", change: () => { this.roof = this.roofs[select.selectedIndex]; this.draw(); } },
      this.roofs.map((roof) => h("option", {}, roof.name)));
    return [section("roofline", "Roofline", "Each layer against what its lanes and one port allow. Below the slope a layer waits for something else; at the flat roof every lane works in every cycle.",
      h("div", { class: "controls" }, "port ", select), h("div", { class: "chart" }, this.roofline))];
  }

  private frontsSection(): HTMLElement[] {
    if (!this.fronts) return [];
    return [section("fronts", "Compromises of energy and latency", "Mappings that no other one beats in both; all other sections show the one of least energy \u00d7 cycles.",
      this.fronts.element)];
  }

  private recolour(): void {
    this.colours = colours(this.report);
    this.table.update(this.groups, this.colours);
    this.draw();
  }

  private draw(): void {
    const pick = (index: number) => this.table.show(index);
    charts.stackedBars(this.latency, this.groups, charts.latencySeries(this.report, this.groups, this.colours), this.colours,
      { unit: format.count, title: "cycles", relative: false, pick, tip: (group) => group.first.evaluation?.relief ?? [group.first.reason] });
    charts.stackedBars(this.energy, this.groups, charts.energySeries(this.report, this.groups, this.by, this.colours), this.colours,
      { unit: format.energy, title: "energy", relative: this.relative, pick });
    if (this.roof) charts.roofline(this.roofline, this.report, this.groups, this.roof, this.colours, pick);
    this.fronts?.recolour(this.colours);
    this.machine.replaceChildren(machinePicture(this.report, this.colours));
  }
}

const root = document.getElementById("page") as HTMLElement;
const text = document.getElementById("tileloom-data")?.textContent ?? "";
let report: Report | null = null;
try {
  report = JSON.parse(text) as Report;
} catch {
  root.append(h("p", {}, "This page holds no report: it is the template that `tileloom schedule` fills."));
}
if (report) new Page(report).render(root);
