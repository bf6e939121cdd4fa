// Colours of light and dark, and which part of the machine has which.
import type { Report } from "./data";

const kLight = ["#3b6fd4", "#e08e2b", "#2f9e77", "#b8476f", "#7d5fc9", "#1f9fb3", "#9a7a3f", "#5f7f2f"];
const kDark = ["#6f9bf2", "#f0ab55", "#54c39a", "#de7a9c", "#a88df0", "#4fc4d6", "#c9a866", "#9dbf62"];

export function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen) return chosen === "dark";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

export interface Colours {
  memory: Map<string, string>;
  role: Record<string, string>;
  compute: string;
  network: string;
  text: string;
  muted: string;
  grid: string;
  surface: string;
}

export function colours(report: Report): Colours {
  const dark = isDark();
  const hues = dark ? kDark : kLight;
  const hue = (i: number) => hues[i % hues.length] as string;
  const memory = new Map(report.machine.memories.map((one, i) => [one.name, hue(i)]));
  return {
    memory,
    role: { input: hue(0), weight: hue(1), output: hue(2) },
    compute: dark ? "#8b93a3" : "#6b7484",
    network: dark ? "#596273" : "#b3bac6",
    text: dark ? "#e6e9ef" : "#1c2430",
    muted: dark ? "#9aa4b5" : "#5b6676",
    grid: dark ? "rgba(255,255,255,0.09)" : "rgba(20,30,50,0.09)",
    surface: dark ? "#1a1f29" : "#ffffff",
  };
}
