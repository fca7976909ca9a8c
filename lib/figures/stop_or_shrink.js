// Early stopping beside a ridge: what is left of the least-squares solution in each direction.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";

export const LR = 0.5;
export const LAMS = Array.from({ length: 121 }, (_, i) => 10 ** (-4 + i / 30));
export const ridgeShrink = (lam, delta) => lam / (lam + delta);
export const stoppingShrink = (lr, lam, t) => -Math.expm1(t * Math.log1p(-lr * lam));

// The largest difference between the two over all eigenvalues: [λ, stopping minus ridge].
export function widest(steps, delta) {
  const gaps = LAMS.map((lam) => stoppingShrink(LR, lam, steps) - ridgeShrink(lam, delta));
  const at = gaps.reduce((best, gap, i) => (Math.abs(gap) > Math.abs(gaps[best]) ? i : best), 0);
  return [LAMS[at], gaps[at]];
}

export default {
  render(host) {
    const fig = figure(host, { label: "Early stopping and ridge, direction by direction" });
    const chart = fig.plot({
      x: { domain: [1e-4, 1], log: true, label: "eigenvalue λ" },
      y: { domain: [0, 1.05], label: "share kept" },
      label: "Shrink factors over the eigenvalues",
      height: 300,
    });
    chart.box.classList.add("wide");
    fig.slider({ key: "steps", label: "steps t", min: 1, max: 2000, step: 1, show: String });
    fig.slider({ key: "delta", label: "ridge δ", min: 1e-4, max: 10, log: true });
    fig.snap({ label: "δ = 1/(ηt)", to: () => ({ delta: 1 / (LR * fig.get("steps")) }) });
    fig.legend([["blue", "stopped after t steps, η = 0.5"], ["orange", "ridge δ", "dashed"]]);
    fig.draw(({ steps: t, delta }) => {
      const [lam, gap] = widest(t, delta);
      chart.line("gap", [lam, lam], [stoppingShrink(LR, lam, t), ridgeShrink(lam, delta)], { color: "grey", dash: "4 3" });
      chart.line("ridge", LAMS, LAMS.map((l) => ridgeShrink(l, delta)), { color: "orange", dash: "6 4" });
      chart.line("stop", LAMS, LAMS.map((l) => stoppingShrink(LR, l, t)));
      const more = gap > 0 ? "more" : "less";
      fig.say(`After ${t} ${t === 1 ? "step" : "steps"}, 1/(ηt) = ${num(1 / (LR * t))}; δ = ${num(delta)}. The widest gap is at λ = ${num(lam)}, where stopping keeps ${num(Math.abs(gap))} ${more} than the ridge.`);
    });
    return fig.close;
  },
};
