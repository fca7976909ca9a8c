// SGD on a noisy quadratic: a cloud of runs, and the standard deviations that theory gives it.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { normals } from "./random.js";
import { momentumVariance } from "./theory.js";

export const LAMS = [1, 4];
const [RUNS, STEPS] = [300, 300];

// Last positions of all runs from the minimum, with the same noise whatever η and β: [xs, ys].
export function cloud(noise, lr, beta) {
  return LAMS.map((lam, i) =>
    Array.from({ length: RUNS }, (_, r) => {
      let [m, x] = [0, 0];
      for (let k = (i * RUNS + r) * STEPS, end = k + STEPS; k < end; k++) {
        m = beta * m + lam * x + noise[k];
        x -= lr * m;
      }
      return x;
    }),
  );
}

export const spread = (v) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0) / v.length);

export default {
  render(host) {
    const fig = figure(host, { label: "Where noisy gradients leave SGD" });
    const chart = fig.plot({
      x: { domain: [-2.4, 2.4], label: "error where λ = 1" },
      y: { domain: [-1.4, 1.4], label: "error where λ = 4" },
      label: "Positions of 300 runs after 300 steps",
      square: true,
    });
    chart.box.classList.add("wide");
    fig.slider({ key: "lr", label: "learning rate η", min: 0.01, max: 0.4, log: true, digits: 4 });
    fig.slider({ key: "beta", label: "momentum β", min: 0, max: 0.95, step: 0.01 });
    fig.snap({ label: "η = 0.1, no momentum", to: { lr: 0.1, beta: 0 } });
    fig.snap({ label: "η = 0.01, β = 0.9", to: { lr: 0.01, beta: 0.9 } });
    fig.legend([["blue", "300 runs", "dots"], ["orange", "one and two exact standard deviations"]]);
    const noise = normals(1, 2 * RUNS * STEPS);
    const turn = Array.from({ length: 91 }, (_, i) => (i * Math.PI) / 45);
    fig.draw(({ lr, beta }) => {
      const at = cloud(noise, lr, beta);
      const exact = LAMS.map((lam) => Math.sqrt(momentumVariance(lr, beta, lam, 1)));
      chart.dots("runs", ...at, { color: "blue", size: 5, opacity: 0.6 });
      for (const k of [1, 2]) chart.line(`ring${k}`, turn.map((a) => k * exact[0] * Math.cos(a)), turn.map((a) => k * exact[1] * Math.sin(a)), { color: "orange" });
      fig.say(`η = ${num(lr)}, β = ${num(beta)}: exact standard deviations ${num(exact[0])} and ${num(exact[1])}, those of the runs ${num(spread(at[0]))} and ${num(spread(at[1]))}. η/(1 − β) = ${num(lr / (1 - beta))}.`);
    });
    return fig.close;
  },
};
