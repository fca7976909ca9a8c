// ε outside or inside the root: what multiplies η for a gradient of a given size.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { rounding } from "./floats.js";

// Denominators [√v + ε, √(v + ε)] for v = g², every operation rounded, and the √v and ε they hold.
export function denominators(g, eps, dtype) {
  const r = rounding[dtype];
  const [v, e] = [r(r(g) * r(g)), r(eps)];
  const root = r(Math.sqrt(v));
  return [r(root + e), r(Math.sqrt(r(v + e))), root, e];
}

export default {
  render(host) {
    const fig = figure(host, { label: "Epsilon outside and inside the root" });
    const chart = fig.plot({
      x: { domain: [1e-25, 10], log: true, label: "size of the gradient |g|, with v = g²" },
      y: { domain: [0.1, 1e13], log: true, label: "effective rate / η" },
      label: "Factor that multiplies the learning rate, over the size of the gradient",
      height: 340,
    });
    chart.box.classList.add("wide");
    const factor = (g) => Math.min(1 / denominators(g, fig.get("eps"), fig.get("dtype"))[0], 1e13);
    fig.slider({ key: "eps", label: "ε", min: 1e-12, max: 0.1, log: true });
    fig.choice({ key: "dtype", label: "numbers", options: Object.keys(rounding).map((name) => [name, name]) });
    fig.handle(chart, { label: "size of the gradient", get: () => [fig.get("g"), factor(fig.get("g"))], set: (g) => fig.set({ g }), free: "x", color: "purple", jump: true });
    fig.listen("g");
    fig.snap({ label: "PyTorch's ε, 10⁻⁸", to: { eps: 1e-8 } });
    fig.snap({ label: "Keras's ε, 10⁻⁷", to: { eps: 1e-7 } });
    fig.snap({ label: "10⁻⁸ in float16", to: { eps: 1e-8, dtype: "float16", g: 1e-5 } });
    fig.legend([["blue", "outside, 1/(√v + ε)"], ["orange", "inside, 1/√(v + ε)", "dashed"], ["grey", "no ε", "dashed"]]);
    const gs = Array.from({ length: 521 }, (_, i) => 10 ** (i / 20 - 25));
    fig.draw(({ eps, dtype, g }) => {
      const all = gs.map((v) => denominators(v, eps, dtype));
      chart.line("none", [1e-14, 10], [1e14, 0.1], { color: "grey", width: 1.5, dash: "2 4" });
      for (const [i, color, cap, name] of [[0, "blue", 1 / eps, "1/ε"], [1, "orange", 1 / Math.sqrt(eps), "1/√ε"]]) {
        chart.hline(name, cap, { color });
        chart.text(name, 10, cap, name, { color, anchor: "end", dx: -4, dy: -6 });
        chart.line(color, gs, all.map((d) => 1 / d[i]), { color, width: 2.5, dash: i ? "8 4" : undefined });
      }
      const lost = gs.filter((_, i) => all[i][2] === 0).at(-1);
      if (lost) {
        chart.vline("lost", lost);
        chart.text("lost", lost, 0.3, "g² = 0", { color: "grey", dx: 5 });
      }
      const [outside, inside, root, e] = denominators(g, eps, dtype);
      const remark = e === 0 ? ` ε rounds to 0${outside ? "" : ", g² too: the step divides by zero"}.` : root === 0 ? " g² underflows to 0." : outside === root ? " Outside, ε is lost beside √v." : "";
      const what = outside && inside ? `η is multiplied by ${num(1 / outside)} with ε outside, by ${num(1 / inside)} inside; at most by 1/ε = ${num(1 / eps)} and 1/√ε = ${num(1 / Math.sqrt(eps))}` : "neither form has a finite step";
      fig.say(`ε = ${num(eps)}, |g| = ${num(g)} in ${dtype}: ${what}.${remark}`);
    });
    return fig.close;
  },
};
