// Any schedule on a noisy quadratic and its exact expected loss.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { chebyshevLrs } from "./theory.js";

export const LAMS = [0.2, 0.45, 1];
const N = 16;
const XS = Array.from({ length: N + 1 }, (_, t) => t);
const over = (f) => XS.slice(0, N).map(f);

// Long steps, each before its mirror image.
const ORDER = [1, 16, 8, 9, 4, 13, 5, 12, 2, 15, 7, 10, 3, 14, 6, 11];
export const PRESETS = {
  constant: over(() => 0.6),
  cosine: over((t) => 0.8 * (1 + Math.cos((Math.PI * t) / N))),
  "warm-up, hold, decay": over((t) => Math.min((t + 1) / 4, 1, (N - t) / 6)),
  Chebyshev: ORDER.map((k) => chebyshevLrs(LAMS[0], LAMS[2], N)[k - 1]),
};

// Expected loss before and after every step: [left of the start, from the noise].
export function losses(lrs, noise) {
  let modes = LAMS.map((lam) => [lam / 2, 0]);
  return [modes, ...lrs.map((lr) => (modes = modes.map(([mean, cloud], i) => {
    const keep = (1 - lr * LAMS[i]) ** 2;
    return [keep * mean, keep * cloud + (LAMS[i] / 2) * (lr * noise) ** 2];
  })))].map((all) => [0, 1].map((part) => all.reduce((sum, mode) => sum + mode[part], 0)));
}

// The best rates: one after another is set to the lowest point of its parabola.
export function best(noise) {
  const lrs = over(() => 1);
  for (let sweep = 0; sweep < 40; sweep++) {
    let e = LAMS.map(() => 1);
    for (let t = 0; t < N; t++) {
      let [up, down] = [0, 0];
      LAMS.forEach((lam, i) => {
        const a = lrs.slice(t + 1).reduce((left, lr) => left * (1 - lr * lam) ** 2, lam);
        up += a * lam * e[i];
        down += a * (lam * lam * e[i] + noise * noise);
      });
      if (down) lrs[t] = up / down;
      e = e.map((x, i) => (1 - lrs[t] * LAMS[i]) ** 2 * x + (lrs[t] * noise) ** 2);
    }
  }
  return lrs;
}

export default {
  render(host) {
    const fig = figure(host, { label: "Compose a schedule" });
    const x = { domain: [0, N + 1], label: "step" };
    const draw = fig.plot({ x, y: { domain: [0, 5], label: "learning rate η" }, label: "Learning rate of each step" });
    const chart = fig.plot({ x, y: { domain: [1e-13, 10], log: true, label: "expected loss" }, label: "Expected loss after each step" });
    fig.sketch(draw, { key: "lrs", label: "Learning rates to draw" });
    fig.listen("lrs");
    fig.slider({ key: "noise", label: "noise s", min: 0, max: 0.5, step: 0.01 });
    for (const label in PRESETS) fig.snap({ label, to: { lrs: PRESETS[label] } });
    fig.snap({ label: "the best for this noise", to: () => ({ lrs: best(fig.get("noise")) }) });
    fig.legend([["blue", "expected loss"], ["orange", "left of the start", "dashed"], ["green", "from the noise", "dashed"]]);
    fig.draw(({ lrs, noise }) => {
      const path = losses(lrs, noise);
      const line = (key, f, options) => chart.line(key, XS, path.map(f), options);
      draw.bars("lrs", XS.slice(1), lrs, { color: "grey" });
      draw.hline("limit", 2);
      line("all", ([a, b]) => a + b, { width: 4, opacity: 0.6 });
      line("start", ([a]) => a, { color: "orange", dash: "6 4" });
      line("noise", ([, b]) => b || NaN, { color: "green", dash: "2 3" });
      const [start, cloud] = path[N];
      const [a, b] = losses(best(noise), noise)[N];
      const sum = (p) => num(lrs.reduce((total, lr) => total + lr ** p, 0));
      fig.say(`Expected loss ${num(start + cloud)}: ${num(start)} left of the start, ${num(cloud)} from the noise. Ση = ${sum(1)}, Ση² = ${sum(2)}.` + (noise ? ` The best for this noise: ${num(a + b)}.` : ""));
    });
    return fig.close;
  },
};
