// The first hundred steps of Adam, of Adam without correction, and of Adam with "epsilon hat".

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { adam, START } from "./rules.js";

const [N, BETA2, EPS] = [100, 0.999, 1e-8];
const FORMS = [
  ["Adam", "blue", () => ({ eps: EPS })],
  ["without correction", "orange", () => ({ eps: EPS, correct: false })],
  // ε̂ joins √v before the correction: Algorithm 1 with ε = ε̂/√(1 − β₂ᵗ)
  ["with ε̂", "green", (t) => ({ eps: EPS / Math.sqrt(1 - BETA2 ** t) })],
];

// The steps over η (with their signs) of each form on the same gradients.
export function hundred(gradients) {
  return FORMS.map(([, , options]) => {
    let s = START;
    return gradients.map((g, i) => {
      let w;
      [w, s] = adam([0], [g], s, { lr: 1, beta2: BETA2, ...options(i + 1) });
      return w[0];
    });
  });
}

const ts = Array.from({ length: N }, (_, i) => i + 1);
const x = { domain: [0, N + 1], label: "step t" };

export default {
  render(host) {
    const fig = figure(host, { label: "The first hundred steps of Adam" });
    const draw = fig.plot({ x, y: { domain: [-1, 1], label: "shape" }, label: "The gradients: draw your own", height: 190 });
    draw.box.classList.add("wide");
    const steps = fig.plot({ x, y: { domain: [-7, 7], label: "step over η" }, label: "Each step over the learning rate", height: 260 });
    const path = fig.plot({ x, y: { domain: [-100, 100], label: "position over η" }, label: "The position over the learning rate", height: 260 });
    fig.sketch(draw, { key: "series", label: "Gradients to draw" });
    fig.listen("series");
    fig.slider({ key: "size", label: "gradient = shape ×", min: 1e-9, max: 1, log: true });
    fig.snap({ label: "constant", to: { series: ts.map(() => 1) } });
    fig.snap({ label: "one spike at step 50", to: { series: ts.map((t) => Number(t === 50)) } });
    fig.snap({ label: "gradients near ε", to: { size: 1e-7 } });
    fig.legend([["grey", "the gradients: draw your own", "dots"], ...FORMS.map(([name, color]) => [color, name, ...(color === "green" ? ["dashed"] : [])])]);
    let shown = "";
    fig.draw(({ series, size }) => {
      const all = hundred(series.map((g) => g * size));
      const paths = all.map((moves) => moves.map(((sum) => (move) => (sum += move))(0)));
      // a hundred steps at a time, so that the axis seldom changes
      const [low, high] = [Math.floor(Math.min(0, ...paths.flat()) / 100), Math.ceil(Math.max(1, ...paths.flat()) / 100)];
      if (shown !== (shown = `${low} ${high}`)) path.domain(null, [100 * low, 100 * high]);
      draw.dots("shape", ts, series, { color: "grey", size: 4.5 });
      for (const chart of [draw, steps, path]) chart.hline("zero", 0, { width: 1 });
      FORMS.forEach(([, color], k) => {
        const style = { color, dash: k === 2 ? "5 5" : "none", width: k === 2 ? 3 : 2 };
        steps.line(`steps${k}`, ts, all[k], style);
        path.line(`path${k}`, ts, paths[k], style);
      });
      const ratios = (k) => ts.map((t) => Math.abs(all[k][t - 1] / all[0][t - 1])).map((r) => (Number.isFinite(r) ? r : NaN));
      const extreme = (k, pick) => {
        const r = ratios(k);
        const best = pick(...r.filter((v) => v >= 0));
        return `${num(best)} times Adam's, at t = ${r.indexOf(best) + 1}`;
      };
      fig.say(
        all[0].some(Boolean)
          ? `Gradients × ${num(size)}: without correction a step is up to ${extreme(1, Math.max)}; with ε̂ no less than ${extreme(2, Math.min)}. The three are at ${paths.map((p) => num(p[N - 1])).join(", ")} η after ${N} steps.`
          : "Where every gradient is zero no form of Adam moves: draw some gradients to begin.",
      );
    });
    return fig.close;
  },
};
