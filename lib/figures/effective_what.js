// Momentum changes the effective learning rate, not the effective batch size: exact expected losses.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { momentumStep } from "./theory.js";

export const LAMS = [0.02, 0.1, 0.5];
const [NOISE, STEPS] = [3, 300];

// Expected loss after t steps from x = 1 in every mode, gradient noise of variance NOISE²/B.
export function expected(lr, beta, size) {
  const losses = Array(STEPS + 1).fill(0);
  for (const lam of LAMS) {
    let mean = [0, 1];
    let [a, b, c] = [0, 0, 0]; // variance of m, covariance, variance of x
    const s2 = NOISE ** 2 / size;
    for (let t = 0; ; t++) {
      losses[t] += 0.5 * lam * (mean[1] ** 2 + c);
      if (t === STEPS) break;
      mean = momentumStep(mean, lr, beta, lam);
      const aNew = beta * beta * a + 2 * beta * lam * b + lam * lam * c + s2;
      const bNew = beta * b + lam * c - lr * aNew;
      [a, b, c] = [aNew, bNew, c - 2 * lr * (beta * b + lam * c) + lr * lr * aNew];
    }
  }
  return losses;
}

export default {
  render(host) {
    const fig = figure(host, { label: "Effective what? Momentum, learning rate and batch size" });
    const chart = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [0.003, 1], log: true, label: "expected loss" },
      label: "Expected loss of three methods over the steps",
      height: 320,
      margin: { right: 20 },
    });
    chart.box.classList.add("wide");
    fig.slider({ key: "lr", label: "learning rate η", min: 0.002, max: 0.2, log: true, digits: 4 });
    fig.slider({ key: "beta", label: "momentum β", min: 0, max: 0.95, step: 0.01 });
    fig.slider({ key: "size", label: "batch size B", min: 10, max: 1000, step: 10, show: String });
    fig.snap({ label: "η = 0.02, β = 0.9, B = 100", to: { lr: 0.02, beta: 0.9, size: 100 } });
    fig.legend([
      ["blue", "momentum: η, β, B"],
      ["orange", "SGD: η/(1 − β), B", "dashed"],
      ["green", "SGD: η, B/(1 − β)", "dashed"],
    ]);
    const steps = Array.from({ length: STEPS + 1 }, (_, t) => t);
    fig.draw(({ lr, beta, size }) => {
      const long = 1 / (1 - beta);
      const curves = [expected(lr, beta, size), expected(lr * long, 0, size), expected(lr, 0, size * long)];
      chart.line("batch", steps, curves[2], { color: "green", dash: "2 4" });
      chart.line("momentum", steps, curves[0], { color: "blue", width: 2.5 });
      chart.line("rate", steps, curves[1], { color: "orange", dash: "7 4" });
      const [m, r, b] = curves.map((c) => num(c[STEPS]));
      fig.say(`After ${STEPS} steps momentum has an expected loss of ${m}; SGD with learning rate ${num(lr * long)} has ${r}, with batches of ${num(size * long)} it has ${b}.`);
    });
    return fig.close;
  },
};
