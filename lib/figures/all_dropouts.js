// The 64 sub-networks of six droppable inputs, and three ways to make one answer of them.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";

export const PULLS = [1.2, -0.8, 0.6, 0.9, -0.5, 0.4]; // weight times input, for class 1 against class 0

// All masks: how many inputs each keeps, its chance and its probability of class 1; then the averages.
export function average(p, scale) {
  const parts = Array.from({ length: 64 }, (_, m) => {
    const kept = PULLS.filter((_, j) => (m >> j) & 1);
    const z = (scale * kept.reduce((sum, v) => sum + v, 0)) / (1 - p);
    return { kept: kept.length, z, chance: p ** (6 - kept.length) * (1 - p) ** kept.length };
  });
  const mean = (f) => parts.reduce((sum, part) => sum + part.chance * f(part.z), 0);
  const prob = (z) => 1 / (1 + Math.exp(-z));
  const logs = [mean((z) => -Math.log1p(Math.exp(-z))), mean((z) => -Math.log1p(Math.exp(z)))].map(Math.exp);
  const centre = mean((z) => z);
  return {
    parts: parts.map((part) => ({ ...part, q: prob(part.z) })),
    arithmetic: mean(prob),
    geometric: logs[0] / (logs[0] + logs[1]),
    unmasked: prob(scale * PULLS.reduce((sum, v) => sum + v, 0)),
    variance: mean((z) => (z - centre) ** 2),
  };
}

const NAMES = ["arithmetic", "geometric", "unmasked"];

export default {
  render(host) {
    const fig = figure(host, { label: "All sub-networks of dropout and their averages" });
    const tiles = fig.plot({ x: { domain: [0, 8], ticks: [] }, y: { domain: [0, 8], ticks: [] }, label: "64 tiles, one for each mask: the level is its probability of class 1, the strength of colour its chance", height: 300 });
    const means = fig.plot({ x: { domain: [0.4, 3.6], ticks: [1, 2, 3], names: (v) => NAMES[v - 1] }, y: { domain: [0, 1], label: "probability of class 1" }, label: "Three averages of the sub-networks", height: 300 });
    fig.slider({ key: "p", label: "drop probability p", min: 0.02, max: 0.9, step: 0.02 });
    fig.slider({ key: "scale", label: "size of the weights", min: 0, max: 3, step: 0.1 });
    fig.snap({ label: "p = 0.5", to: { p: 0.5 } });
    fig.legend([["blue", "masks: level q, colour chance", "area"], ["orange", "averages", "area"]]);
    fig.draw(({ p, scale }) => {
      const all = average(p, scale);
      const top = Math.max(...all.parts.map((part) => part.chance));
      all.parts.forEach(({ q, chance }, m) => {
        const [x, y] = [(m % 8) + 0.5, Math.floor(m / 8) + 0.06];
        tiles.bars(`box${m}`, [x], [y + 0.88], { base: y, width: 0.88, color: "grey", opacity: 0.15 });
        tiles.bars(`q${m}`, [x], [y + 0.88 * q], { base: y, width: 0.88, opacity: 0.1 + (0.9 * chance) / top });
      });
      NAMES.forEach((name, i) => means.bars(name, [i + 1], [all[name]], { color: "orange", width: 0.6, opacity: 0.8 }));
      fig.say(`p = ${num(p)}: arithmetic mean ${num(all.arithmetic, 4)}, geometric mean ${num(all.geometric, 4)}, unmasked ${num(all.unmasked, 4)}. The score varies by p/(1 − p) · Σ(wx)² = ${num(all.variance)}, which is what a squared error would pay as a ridge.`);
    });
    return fig.close;
  },
};
