// A gradient check against its step h: a correct gradient makes a V, a wrong one a floor.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { crossEntropy, rounding, softmax } from "./floats.js";

const SCORES = [1.5, 1.1, 1.9]; // what goes into the ReLUs; a fourth lies δ below the kink
const HS = Array.from({ length: 113 }, (_, i) => 10 ** (i / 8 - 14));
const norm = (a) => Math.hypot(...a);

// p − y, or what a slip makes of it; the fourth unit is dead.
function gradient(bug) {
  const [a, b, c] = softmax([...SCORES, 0]);
  return [bug === "forgot" ? a : a - 1, b, bug === "one" ? 1.01 * c : c, 0];
}

// Relative errors [forward, centred] of the difference quotients against the gradient.
export function check(h, delta, dtype, bug) {
  const r = rounding[dtype];
  const w = [...SCORES, -delta].map(r);
  const at = (i, by) => crossEntropy(w.map((v, j) => Math.max(i === j ? r(v + by) : v, 0)), 0, r);
  const [f, g] = [at(0, 0), gradient(bug)];
  const off = (q) => norm(q.map((v, i) => v - g[i])) / Math.max(norm(q), norm(g));
  return [off(w.map((_, i) => r(r(at(i, h) - f) / r(h)))), off(w.map((_, i) => r(r(at(i, h) - at(i, -h)) / r(2 * h))))];
}

export default {
  render(host) {
    const fig = figure(host, { label: "A gradient check against its step" });
    const chart = fig.plot({
      x: { domain: [1e-14, 1], log: true, label: "step h of the difference" },
      y: { domain: [1e-12, 10], log: true, label: "relative error" },
      label: "Relative error of the check over its step",
      height: 340,
    });
    chart.box.classList.add("wide");
    const place = () => [fig.get("h"), check(fig.get("h"), fig.get("delta"), fig.get("dtype"), "none")[1]];
    fig.handle(chart, { label: "step h", get: place, set: (h) => fig.set({ h }), free: "x", color: "purple", jump: true });
    fig.listen("h");
    fig.choice({ key: "bug", label: "bug", options: [["one", "one entry 1 % off"], ["forgot", "p instead of p − y"], ["none", "none"]] });
    fig.choice({ key: "dtype", label: "numbers", options: [["float64", "float64"], ["float32", "float32"]] });
    fig.slider({ key: "delta", label: "distance δ of a ReLU's kink", min: 1e-10, max: 1, log: true });
    fig.snap({ label: "no kink near", to: { delta: 1 } });
    fig.snap({ label: "a kink at 10⁻⁷", to: { delta: 1e-7 } });
    fig.legend([["orange", "forward difference", "dashed"], ["blue", "centred difference"], ["red", "centred, against the wrong gradient", "dashed"]]);
    fig.draw(({ h, delta, dtype, bug }) => {
      const right = HS.map((v) => check(v, delta, dtype, "none"));
      const [forward, centred] = [0, 1].map((i) => right.map((e) => e[i]));
      chart.line("forward", HS, forward, { color: "orange", dash: "7 4" });
      chart.line("centred", HS, centred);
      if (bug !== "none") chart.line("wrong", HS, HS.map((v) => check(v, delta, dtype, bug)[1]), { color: "red", dash: "3 3", width: 2.5 });
      chart.vline("kink", delta);
      chart.text("kink", delta, 3e-12, "kink", { color: "grey", anchor: "end", dx: -5 });
      const [a, b] = check(h, delta, dtype, "none");
      const best = [forward, centred].map((errors) => num(HS[errors.indexOf(Math.min(...errors))], 1));
      const wrong = bug === "none" ? "" : `, the wrong one by ${num(check(h, delta, dtype, bug)[1])}`;
      const kink = h > delta ? " This step crosses the kink: the check accuses a correct gradient." : "";
      fig.say(`h = ${num(h)} in ${dtype}: the correct gradient is off by ${num(a)} (forward) and ${num(b)} (centred)${wrong}. The least errors are at h ≈\u00a0${best[0]} and ${best[1]}.${kink}`);
    });
    return fig.close;
  },
};
