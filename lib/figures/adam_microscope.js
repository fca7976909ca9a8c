// The size of Adam's step under a constant gradient, and what each published bug makes of it.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";

const [EPS, LR, LAST] = [1e-8, 1e-3, 10000];

// Each variant: its name, and the times that correct m and v at step t.
const VARIANTS = {
  right: ["correct", (t) => [t, t]],
  second: ["v uncorrected", (t) => [t, Infinity]],
  none: ["no correction", () => [Infinity, Infinity]],
  stuck: ["t stuck at 1", () => [1, 1]],
  zero: ["t from 0", (t) => [t - 1, t - 1]],
  two: ["t from 2", (t) => [t + 1, t + 1]],
  inside: ["ε inside the root", (t) => [t, t]],
  outside: ["+ ε after dividing", (t) => [t, t]],
};

// Step t over η when every gradient is `size`: m = (1 − β₁ᵗ) size, v = (1 − β₂ᵗ) size².
export function stepSize(variant, beta1, beta2, size, t) {
  const [i, j] = VARIANTS[variant][1](t);
  const m = (size * (1 - beta1 ** t)) / (1 - beta1 ** i);
  const v = (size ** 2 * (1 - beta2 ** t)) / (1 - beta2 ** j);
  if (variant === "inside") return m / Math.sqrt(v + EPS);
  if (variant === "outside") return m / Math.sqrt(v) - EPS / LR;
  return m / (Math.sqrt(v) + EPS);
}

const ALL = Array.from({ length: LAST }, (_, i) => i + 1);
const ts = ALL.filter((t) => t % 10 ** Math.floor(Math.log10(t / 5)) < 1);

export default {
  render(host) {
    const fig = figure(host, { label: "Adam's steps under a constant gradient" });
    const chart = fig.plot({
      x: { domain: [0.9, LAST], log: true, label: "step t" },
      y: { domain: [0.05, 150], log: true, label: "step over η" },
      label: "Size of the step over η, step by step",
      height: 320,
      margin: { right: 26 },
    });
    chart.box.classList.add("wide");
    fig.choice({ key: "variant", label: "Adam with", options: Object.entries(VARIANTS).map(([key, [name]]) => [key, name]) });
    fig.slider({ key: "beta1", label: "β₁", min: 0, max: 0.99, memory: true });
    fig.slider({ key: "beta2", label: "β₂", min: 0.5, max: 0.9999, memory: true });
    fig.slider({ key: "size", label: "gradient g", min: 1e-6, max: 1, log: true });
    const usual = { beta1: 0.9, beta2: 0.999, size: 1 };
    fig.snap({ label: "the peak at t = 12", to: { ...usual, variant: "none" } });
    fig.snap({ label: "a small gradient, ε inside", to: { ...usual, variant: "inside", size: 1e-5 } });
    fig.draw(({ variant, beta1, beta2, size }) => {
      const steps = ALL.map((t) => stepSize(variant, beta1, beta2, size, t));
      const top = steps.reduce((best, v) => (v > best ? v : best), 0);
      const peak = steps.indexOf(top) + 1;
      const name = VARIANTS[variant][0];
      chart.hline("one", 1, { color: "blue", dash: "6 4" });
      chart.line("steps", ts, ts.map((t) => steps[t - 1]), { color: "orange", width: 2.5 });
      chart.dots("peak", [peak], [top], { color: "purple", size: 10 });
      chart.text("peak", peak, top, `${num(top)} at t = ${peak}`, { color: "purple", anchor: peak > 200 ? "end" : "start", dy: -9 });
      fig.legend([["orange", name], ["blue", "a step of η", "dashed"]]);
      const first = Number.isFinite(steps[0]) ? num(steps[0], 4) + " η" : "0/0, not a number";
      const off = ALL.findLast((t) => !(Math.abs(steps[t - 1] - 1) <= 0.1));
      const then = off === LAST ? `at t = ${LAST} it is ${num(steps.at(-1))} η` : off ? `more than 10\u00a0% off η until t = ${off}` : "never more than 10\u00a0% off η";
      const zero = variant === "outside" ? " Each step lacks ε/η = 0.00001, unseen here; but a gradient of 0 gives 0/0." : "";
      fig.say(`Adam, ${name}, gradients ${num(size)}: the first step is ${first}, the largest ${num(top)} η at t = ${peak}; ${then}.${zero}`);
    });
    return fig.close;
  },
};
