// Even the best step length in every step zigzags: exact line search in a narrow valley.

import { num, percent } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { rotated } from "./problems.js";
import { lineSearchRate } from "./theory.js";

const STEPS = 30;

// Each step goes to the lowest point along the gradient: η = gᵀg / gᵀAg.
export function zigzag([x, y], kappa) {
  const path = [[x, y]];
  for (let t = 0; t < STEPS; t++) {
    const [g, h] = [x, kappa * y];
    const below = g * g + kappa * h * h;
    if (below === 0) break;
    const lr = (g * g + h * h) / below;
    [x, y] = [x - lr * g, y - lr * h];
    path.push([x, y]);
  }
  return path;
}

export default {
  render(host) {
    const fig = figure(host, { label: "Exact line search in a narrow valley" });
    const map = fig.plot({
      x: { domain: [-1, 11], label: "flat direction" },
      y: { domain: [-2.5, 2.5], label: "steep direction" },
      label: "Contour lines and the path of exact line search",
      square: true,
    });
    map.box.classList.add("wide");
    fig.slider({ key: "kappa", label: "condition number κ", min: 1.5, max: 50, log: true });
    fig.handle(map, { label: "start", get: () => fig.get("start"), set: (x, y) => fig.set({ start: [x, y] }), color: "purple", jump: true });
    fig.listen("start");
    fig.snap({ label: "worst start", to: () => ({ start: [Math.min(fig.get("kappa"), 10), Math.min(fig.get("kappa"), 10) / fig.get("kappa")] }) });
    fig.snap({ label: "start on an axis", to: { start: [8, 0] } });
    fig.draw(({ kappa, start }) => {
      const hill = rotated([1, kappa], 0);
      const path = zigzag(start, kappa);
      const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
      map.contours("levels", (x, y) => hill.loss([x, y]), { id: kappa, levels: [0.5, 2, 5, 10, 20, 35, 55] });
      map.line("path", xs, ys, { color: "blue", width: 1.6 });
      map.dots("path", xs, ys, { color: "blue", size: 5 });
      const losses = path.map(hill.loss);
      const [ratio, worst] = [losses[1] / losses[0], lineSearchRate(kappa)];
      const verdict =
        losses[0] === 0
          ? "this start is the minimum, and there is nothing left to do"
          : ratio < 1e-12
            ? "this start lies on an axis, and the first step arrives at the minimum"
            : ratio > worst * (1 - 1e-3)
              ? `every step leaves ${percent(ratio)} of the loss, and no start is worse. The best fixed learning rate does the same`
              : `every step leaves ${percent(ratio)} of the loss; from the worst start it would be ${percent(worst)}`;
      fig.say(`κ = ${num(kappa)}: ${verdict}.`);
    });
    return fig.close;
  },
};
