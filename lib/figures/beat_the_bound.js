// How large can one step of Adam be? Thirty gradients to draw, against the bounds.

import { num, percent } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { adam } from "./rules.js";

const [N, BETA1] = [30, 0.9];

// The bound of Kingma and Ba's section 2.1, over η.
export const paperBound = (beta1, beta2) => Math.max(1, (1 - beta1) / Math.sqrt(1 - beta2));

// The largest last step over η of n gradients that end at step t, zeros before them (Cauchy–Schwarz).
export function mostOf(beta1, beta2, n, t) {
  const r = beta1 ** 2 / beta2;
  const sum = (1 - r ** n) / (1 - r);
  return (((1 - beta1) * Math.sqrt(sum / (1 - beta2))) / (1 - beta1 ** t)) * Math.sqrt(1 - beta2 ** t);
}

export const extremal = (beta2) => Array.from({ length: N }, (_, i) => Number(((BETA1 / beta2) ** (N - 1 - i)).toFixed(4)));

// |step|/η of each bar after `before` zero gradients; ε only keeps 0/0 away.
export function stepsOf(bars, before, beta2) {
  let s = { t: before, m: 0, v: 0 };
  return bars.map((g) => {
    let w;
    [w, s] = adam([0], [g], s, { lr: 1, beta1: BETA1, beta2, eps: 1e-150 });
    return Math.abs(w[0]);
  });
}

const XS = Array.from({ length: N }, (_, i) => i + 1);

export default {
  render(host) {
    const fig = figure(host, { label: "Beat the bound on Adam's step" });
    const draw = fig.plot({
      x: { domain: [0, N + 1] },
      y: { domain: [-1, 1], label: "gradient" },
      label: "Thirty gradients to draw",
      height: 200,
    });
    const steps = fig.plot({
      x: { domain: [0, N + 1], label: "bar" },
      y: { domain: [0, 8], label: "|step| over η" },
      label: "The size of the step at each bar",
      height: 250,
    });
    for (const chart of [draw, steps]) chart.box.classList.add("wide");
    fig.sketch(draw, { key: "bars", label: "Gradients to draw" });
    fig.listen("bars");
    fig.choice({ key: "before", label: "zero gradients before", options: [[0, "none"], [300, "300"], [10000, "10 000"]] });
    fig.choice({ key: "beta2", label: "β₂", options: [0.999, 0.99, 0.95].map((b) => [b, String(b)]) });
    fig.snap({ label: "one spike", to: { bars: XS.map((i) => Number(i === 15)) } });
    fig.snap({ label: "all equal", to: { bars: XS.map(() => 1) } });
    fig.snap({ label: "the extremal sequence", to: () => ({ bars: extremal(fig.get("beta2")) }) });
    fig.draw(({ bars, before, beta2 }) => {
      const sizes = stepsOf(bars, before, beta2);
      const top = Math.max(...sizes);
      const at = sizes.indexOf(top) + 1;
      const [paper, all] = [paperBound(BETA1, beta2), mostOf(BETA1, beta2, 1e6, 1e6)];
      const most = Math.max(...XS.map((n) => mostOf(BETA1, beta2, n, before + n)));
      draw.bars("bars", XS, bars, { color: "grey" });
      draw.hline("zero", 0, { width: 1 });
      steps.hline("one", 1, { dash: "2 3" });
      steps.hline("paper", paper, { color: "orange", dash: "7 4" });
      steps.hline("all", all, { color: "red", dash: "none" });
      steps.bars("steps", XS, sizes, { color: "blue", opacity: 0.7 });
      if (top) steps.dots("top", [at], [top], { color: "purple", size: 9 });
      fig.legend([["blue", "your steps", "area"], ["grey", "constant gradient: η", "dashed"], ["orange", `the paper's bound: ${num(paper)} η`, "dashed"], ["red", `the true bound: ${num(all)} η`]]);
      const verdict = top > paper * (1 + 1e-9) ? "beyond" : "within";
      const score = top ? `The largest step is ${num(top)} η, at bar ${at}: ${verdict} the paper's bound of ${num(paper)} η` : "No gradient, no step";
      fig.say(`${score}. Thirty bars after ${before} zeros can reach ${num(most)} η; you have ${percent(top / most)} of that.`);
    });
    return fig.close;
  },
};
