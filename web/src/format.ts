// Numbers as people read them; the same conventions as the terminal's.

function fourDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0);
}

function scaled(value: number, units: string[], base = 1000): string {
  let unit = 0;
  while (Math.abs(value) >= base * 0.99995 && unit + 1 < units.length) {
    value /= base;
    unit += 1;
  }
  return `${fourDigits(value)} ${units[unit]}`;
}

export function count(value: number): string {
  if (Math.abs(value) < 9999.5) return Number.isInteger(value) ? String(value) : fourDigits(value);
  return scaled(value / 1000, ["k", "M", "G", "T", "P", "E"]);
}

/** For the axis of a chart: without digits that say nothing, "200 k" and not "200.0 k". */
export function tick(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
}

/** True for 1, 2 and 5 times a power of ten: the labels of a logarithmic axis. */
export function isRound(value: number): boolean {
  const mantissa = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5].some((one) => Math.abs(mantissa - one) < 1e-6);
}

export function exact(value: number): string {
  return value.toLocaleString("en-US");
}

export function energy(pj: number): string {
  return pj === 0 ? "0 pJ" : scaled(pj, ["pJ", "nJ", "\u00b5J", "mJ", "J"]);
}

/** Energy times time, from pJ and seconds. */
export function edp(pj: number, time: number): string {
  return scaled(pj * time * 1e9, ["zJ\u00b7s", "aJ\u00b7s", "fJ\u00b7s", "pJ\u00b7s", "nJ\u00b7s", "\u00b5J\u00b7s", "mJ\u00b7s", "J\u00b7s"]);
}

export function seconds(value: number): string {
  return scaled(value * 1e9, ["ns", "\u00b5s", "ms", "s"]);
}

export function bits(value: number): string {
  if (value === 0) return "0 B";
  if (value < 8 || (value < 8192 && value % 8 !== 0)) return `${value} bit`;
  let bytes = value / 8;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (bytes >= 1023.95 && unit + 1 < units.length) {
    bytes /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(bytes) ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.05) return "<0.1 %";
  if (value < 100 && value >= 99.95) return "99.9 %";
  return `${value.toFixed(1)} %`;
}

export function factor(value: number): string {
  if (value < 9.95) return `${value.toFixed(value < 1.095 ? 2 : 1)}\u00d7`;
  return value < 1e6 ? `${value.toFixed(0)}\u00d7` : `${count(value)}\u00d7`;
}

export function gap(value: number | null): string {
  if (value === null) return "\u2013";
  if (value === 0) return "0";
  return value < 10 ? percent(value) : factor(value + 1);
}

export function times(outside: number, inside: number): string {
  const quotient = outside / inside;
  return `\u00d7 ${Number.isInteger(quotient) ? exact(quotient) : quotient.toPrecision(4)}`;
}

export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor((most - 1) / 3);
  return `${text.slice(0, head)}\u2026${text.slice(text.length - (most - 1 - head))}`;
}
