// At critical damping velocity and error together first grow like t before the root's power wins.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { criticalBeta, momentumRoots, momentumStep } from "./theory.js";

const [LR, LAM, STEPS] = [1, 0.01, 120];

// ‖Rᵗ‖: the most that t steps can stretch any starting pair (m scaled to x by the learning rate).
export function stretch(lr, beta, lam, steps) {
  let [a, b] = [[1, 0], [0, 1]];
  const sizes = [1];
  const step = ([m, x]) => {
    const [n, y] = momentumStep([m / lr, x], lr, beta, lam);
    return [n * lr, y];
  };
  for (let t = 0; t < steps; t++) {
    [a, b] = [step(a), step(b)];
    const [p, q, r] = [a[0] ** 2 + a[1] ** 2, b[0] ** 2 + b[1] ** 2, a[0] * b[0] + a[1] * b[1]];
    sizes.push(Math.sqrt((p + q + Math.hypot(p - q, 2 * r)) / 2));
  }
  return sizes;
}

export default {
  render(host) {
    const fig = figure(host, { label: "The hump of critical damping" });
    const chart = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [1e-4, 30], log: true, label: "largest stretch" },
      label: "The most that t steps can stretch velocity and error, and the power of the root",
      height: 320,
    });
    chart.box.classList.add("wide");
    fig.slider({ key: "beta", label: "momentum β", min: 0, max: 0.99, step: 0.002 });
    fig.snap({ label: "critical damping", to: { beta: criticalBeta(LR, LAM) } });
    fig.legend([
      ["blue", "the most that t steps stretch velocity and error"],
      ["grey", "power of the largest root", "dashed"],
    ]);
    const steps = Array.from({ length: STEPS + 1 }, (_, t) => t);
    fig.draw(({ beta }) => {
      const sizes = stretch(LR, beta, LAM, STEPS);
      const root = Math.hypot(...momentumRoots(LR, beta, LAM)[0]);
      chart.line("power", steps, steps.map((t) => root ** t), { color: "grey", dash: "5 4" });
      chart.line("stretch", steps, sizes, { color: "blue", width: 2.5 });
      const top = Math.max(...sizes);
      const when = sizes.indexOf(top);
      chart.dots("top", [when], [top], { color: "orange", size: 9 });
      const gap = beta - criticalBeta(LR, LAM);
      const name = Math.abs(gap) < 1e-6 ? "critically damped" : gap < 0 ? "overdamped" : "underdamped";
      const hump = when ? `yet velocity and error together can be ${num(top)} times as large at step ${when} before they fade` : "and nothing grows on the way";
      fig.say(`β = ${num(beta)} is ${name} for this mode (ηλ = ${num(LR * LAM)}): its largest root has size ${num(root, 4)}, ${hump}.`);
    });
    return fig.close;
  },
};
