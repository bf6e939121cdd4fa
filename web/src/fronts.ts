// Best compromises of energy and latency: the front of one operator, and the mapping of the point
// chosen.
import * as charts from "./charts";
import type { Front, Report } from "./data";
import { h } from "./dom";
import * as format from "./format";
import type { Colours } from "./theme";

interface NamedFront {
  name: string;
  front: Front;
}

/** Of every operator that has one, copies left out. */
export function frontsOf(report: Report): NamedFront[] {
  return (report.operators ?? []).flatMap(({ name, front }, i) =>
    front && front.points.length > 0 && !report.layers[i]?.same_as ? [{ name, front }] : []);
}

function leastEdp(front: Front): number {
  return front.points.reduce((best, point, i) => (point.edp_pj_cycles < (front.points[best]?.edp_pj_cycles ?? Infinity) ? i : best), 0);
}

function whatIsProved(front: Front): string {
  if (front.complete) return "Proved complete: no other mapping of the space is better in one of both.";
  const by = front.gap === null ? "" : ` by ${format.percent(front.gap)}`;
  return `Not proved complete: other mappings may be better in one of both${by}; none is below and to the left of the line.`;
}

export class Fronts {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { role: "img", "aria-label": "energy over cycles of the best compromises" });
  private readonly proved = h("p", { class: "note" });
  private readonly points = h("tbody");
  private readonly mapping = h("pre");
  private shown: Front;
  private chosen: number;
  private colours: Colours | null = null;

  constructor(fronts: [NamedFront, ...NamedFront[]]) {
    this.shown = fronts[0].front;
    this.chosen = leastEdp(this.shown);
    const select = h("select", { "aria-label": "operator", change: () => {
      this.shown = (fronts[select.selectedIndex] ?? fronts[0]).front;
      this.chosen = leastEdp(this.shown);
      this.draw();
    } }, fronts.map(({ name }) => h("option", {}, name)));
    const titles = ["cycles", "energy", "energy \u00d7 cycles", ""];
    this.element = h("div", {}, h("div", { class: "controls" }, "operator ", select), h("div", { class: "chart" }, this.canvas), this.proved,
      h("table", {}, h("thead", {}, h("tr", {}, titles.map((title) => h("th", {}, title)))), this.points), this.mapping);
  }

  recolour(colours: Colours): void {
    this.colours = colours;
    this.draw();
  }

  private pick(index: number): void {
    this.chosen = index;
    this.draw();
  }

  private draw(): void {
    if (this.colours) charts.front(this.canvas, this.shown, this.chosen, this.colours, (index) => this.pick(index));
    this.proved.replaceChildren(whatIsProved(this.shown));
    this.points.replaceChildren(...this.shown.points.map((point, i) => h("tr", {}, h("td", {}, format.exact(point.cycles)),
      h("td", {}, format.energy(point.energy_pj)), h("td", {}, `${format.count(point.edp_pj_cycles)} pJ\u00b7cycles`),
      h("td", {}, h("button", { type: "button", "aria-pressed": String(i === this.chosen), click: () => this.pick(i) }, "mapping")))));
    this.mapping.replaceChildren(this.shown.points[this.chosen]?.mapping ?? "");
  }
}
