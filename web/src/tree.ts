// The loop tree of a layer with what every store and loop costs.
import type { CountCause, Layer, PathNode, StoreFigures } from "./data";
import { h, meter } from "./dom";
import * as format from "./format";
import type { Colours } from "./theme";

const kHeads = ["tile", "fills", "reads", "updates", "read back", "drains", "energy", ""];

function number(value: number): HTMLElement {
  return h("td", { class: value === 0 ? "dim" : "", title: format.exact(value) }, value === 0 ? "\u00b7" : format.count(value));
}

function loopText(node: Extract<PathNode, { node: "loop" }>): string {
  return node.axis === null ? `for ${node.rank} in ${node.tile}` : `spatial ${node.rank} in ${node.tile} on ${node.axis}`;
}

function causeRows(cause: CountCause, path: PathNode[]): HTMLElement[] {
  const rows = [h("tr", {}, h("td", {}, h("b", {}, format.exact(cause.total))), h("td", { colspan: 3, class: "left" }, h("b", {}, cause.count)))];
  for (const one of cause.loops) {
    const node = path[one.position];
    const text = node?.node === "loop" ? loopText(node) : "";
    const value = one.inside === 0 ? `= ${format.exact(one.outside)}` : format.times(one.outside, one.inside);
    rows.push(h("tr", {}, h("td", {}, value), h("td", { class: "left" }, text),
      h("td", { class: "left dim" }, `${format.exact(one.trips)} trips`), h("td", { class: "left wrap" }, one.reason)));
  }
  if (cause.innermost > 1) {
    const own = cause.count === "fills" || cause.count === "drains";
    rows.push(h("tr", {}, h("td", {}, format.times(cause.innermost, 1)),
      h("td", { class: "left dim", colspan: 3 }, own ? "elements of one tile" : "elements inside all of these")));
  }
  return rows;
}

/** Rows of one store: its figures, and below, hidden until asked for, what causes them. */
function storeRows(layer: Layer, indent: string, node: Extract<PathNode, { node: "store" }>, store: StoreFigures,
  causes: CountCause[], colours: Colours): HTMLElement[] {
  const total = store.reads_pj + store.writes_pj + store.network_pj;
  const share = layer.evaluation && layer.evaluation.energy_pj > 0 ? total / layer.evaluation.energy_pj : 0;
  const colour = colours.memory.get(store.memory) ?? colours.muted;
  const mark = h("i", { class: "swatch" });
  mark.style.background = colour;
  const row = h("tr", { class: "store", tabindex: 0, "aria-expanded": "false", title: "which loops cause these counts" },
    h("td", { class: "node" }, indent, mark, `store ${store.tensor} in ${store.memory}`,
      node.keep === "same" ? " keep same" : "",
      store.instances > 1 ? h("span", { class: "dim" }, `  \u00d7${format.exact(store.instances)}`) : null),
    number(store.tile), number(store.fills), number(store.reads), number(store.updates), number(store.update_reads),
    number(store.drains), h("td", {}, format.energy(total)), h("td", {}, meter(share, colour)));
  if (causes.length === 0) return [row];
  const more = h("tr", { class: "causes", hidden: true }, h("td", { colspan: 9 }, h("table", {},
    causes.flatMap((cause) => causeRows(cause, layer.path ?? [])))));
  const toggle = () => {
    more.hidden = !more.hidden;
    row.setAttribute("aria-expanded", String(!more.hidden));
  };
  row.addEventListener("click", toggle);
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      toggle();
    }
  });
  return [row, more];
}

/** @param causes of the layer itself or of the one it was copied from */
export function treeTable(layer: Layer, causes: CountCause[][] | null, colours: Colours): HTMLElement {
  if (!layer.path || !layer.evaluation) return h("pre", { class: "tree" }, layer.tree ?? layer.reason);
  const rows: HTMLElement[] = [];
  let depth = 0;
  let store = 0;
  for (const node of layer.path) {
    const indent = "  ".repeat(depth);
    if (node.node === "store") {
      const figures = layer.evaluation.stores[store];
      if (figures) rows.push(...storeRows(layer, indent, node, figures, causes?.[store] ?? [], colours));
      store += 1;
      continue;
    }
    rows.push(h("tr", { class: node.trips === 1 ? "dim" : "" },
      h("td", { class: "node" }, indent, h("span", { class: node.axis === null ? "" : "spatial" }, loopText(node)),
        h("span", { class: "dim" }, `  \u00d7${format.exact(node.trips)}`)), h("td", { colspan: 8 })));
    depth += 1;
  }
  const compute = layer.evaluation.energy.compute_pj;
  rows.push(h("tr", { class: "compute" }, h("td", { class: "node" }, "  ".repeat(depth), `compute ${layer.kind}`,
    h("span", { class: "dim" }, `  ${format.count(layer.points)} points`)), h("td", { colspan: 6 }),
  h("td", {}, format.energy(compute)), h("td", {}, meter(compute / layer.evaluation.energy_pj, colours.compute))));
  return h("div", { class: "scroll" }, h("table", { class: "tree" },
    h("thead", {}, h("tr", {}, h("th", { class: "left" }, "loop tree"), kHeads.map((head) => h("th", {}, head)))),
    h("tbody", {}, rows)));
}
