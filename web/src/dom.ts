// The page is built from nodes and text only, never from markup: names come from users.

export type Child = Node | string | number | null | undefined | false | Child[];

type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

function append(parent: Node, child: Child): void {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) child.forEach((one) => append(parent, one));
  else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  children.forEach((child) => append(element, child));
  return element;
}

/** h("p", {class: "note"}, "text", node): functions become event listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for pictures. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** A coloured square with its meaning. */
export function swatch(colour: string, text: string): HTMLElement {
  const square = h("i", { class: "swatch" });
  square.style.background = colour;
  return h("span", { class: "key" }, square, text);
}

/** A thin bar that fills `share` of its place. */
export function meter(share: number, colour = "var(--accent)"): HTMLElement {
  const inside = h("i");
  inside.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  inside.style.background = colour;
  return h("span", { class: "meter" }, inside);
}

export function section(id: string, title: string, note: string, ...children: Child[]): HTMLElement {
  return h("section", { id }, h("h2", {}, title), note ? h("p", { class: "note" }, note) : null, ...children);
}
