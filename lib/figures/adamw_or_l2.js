// A penalty in the gradient (Adam + L2) against decay beside it (AdamW), in two coordinates.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { normals } from "./random.js";
import { adam, adamw, START } from "./rules.js";

const [LR, STEPS] = [0.001, 2000];

// Paths from (1, 1): Adam + L2, then AdamW. The first coordinate's data gradient is 0, the second's
// size · data[t]. ε only keeps 0/0 away.
export function race(lam, size, data) {
  const grad = ([u, v], k, t) => [k * u, size * data[t] + k * v];
  return [[adam, { lr: LR, eps: 1e-150 }, lam], [adamw, { lr: LR, eps: 1e-150, decay: lam }, 0]].map(([rule, options, k]) => {
    let [w, s] = [[1, 1], START];
    const path = [w];
    for (let t = 0; t < STEPS; t++) {
      [w, s] = rule(w, grad(w, k, t), s, options);
      path.push(w);
    }
    return path;
  });
}

export default {
  render(host) {
    const fig = figure(host, { label: "AdamW or Adam with L2?" });
    const charts = [["silent", [-0.1, 1.1], "no gradient from the data"], ["loud", [-0.2, 3.2], "gradients from the data"]].map(([name, domain, what]) =>
      fig.plot({ x: { domain: [0, STEPS], label: "step t" }, y: { domain, label: `${name} weight` }, label: `The ${name} weight: ${what}`, height: 270 }));
    fig.slider({ key: "lam", label: "decay λ", min: 0.01, max: 10, log: true });
    fig.slider({ key: "size", label: "size of the loud gradient", min: 0.1, max: 100, log: true });
    fig.choice({ key: "kind", label: "loud gradient", options: [["noise", "noise"], ["constant", "always negative"]] });
    fig.snap({ label: "strong noise", to: { kind: "noise", lam: 1, size: 100 } });
    fig.snap({ label: "the wall at 1/λ = 0.5", to: { kind: "constant", lam: 2, size: 10 } });
    const data = { noise: normals(3, STEPS), constant: Array(STEPS).fill(-1) };
    const ts = Array.from({ length: STEPS / 10 + 1 }, (_, i) => 10 * i);
    fig.draw(({ lam, size, kind }) => {
      const paths = race(lam, size, data[kind]);
      charts.forEach((chart, i) => {
        chart.hline("zero", 0);
        paths.forEach((path, k) => chart.line(`path${k}`, ts, ts.map((t) => path[t][i]), { color: ["orange", "blue"][k], width: 2.5, dash: k ? "none" : "8 3" }));
      });
      const wall = kind === "constant";
      if (wall) charts[1].hline("wall", 1 / lam, { color: "red" });
      fig.legend([["orange", "Adam + L2", "dashed"], ["blue", "AdamW"], ...(wall ? [["red", "AdamW's wall, 1/λ", "dashed"]] : [])]);
      const [[a, b], [c, d]] = paths.map((path) => path[STEPS]);
      fig.say(
        `After ${STEPS} steps, λ = ${num(lam)}. Silent weight: Adam + L2 leaves ${num(a)} whatever λ, AdamW (1 − ηλ)ᵗ = ${num(c)}. ` +
          `Loud weight: Adam + L2 ${num(b)}, AdamW ${num(d)} whatever the size${wall ? `; its wall is at ${num(1 / lam)}` : ""}.`,
      );
    });
    return fig.close;
  },
};
