// Gradient descent against another rule in a winding valley: two sliders and a start to drag.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { valley } from "./problems.js";
import { descend, rules } from "./rules.js";

export const STEPS = 150;
const LEVELS = [0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.5, 5.5, 8];
const OPTIONS = [["momentum", "momentum"], ["nesterov", "Nesterov"], ["rmsprop", "RMSProp"], ["adam", "Adam"]];
const hill = valley();

// β is the momentum of momentum, Nesterov and Adam; RMSProp averages the squares with it.
export function run(rule, start, lr, beta) {
  const settings = { sgd: { lr }, momentum: { lr, beta }, nesterov: { lr, beta }, rmsprop: { lr, beta }, adam: { lr, beta1: beta } };
  return descend(hill.grad, start, rules[rule], settings[rule], STEPS);
}

function report(name, path) {
  const losses = path.slice(-20).map(hill.loss);
  const loss = losses.at(-1);
  if (path.length <= STEPS || loss > 1e3) return `${name} diverges`;
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const rises = losses.filter((v, i) => v > losses[i - 1]).length;
  const restless = rises > 3 && high > 1e-3 && high > 2 * low ? `, still jumping between ${num(low)} and ${num(high)}` : "";
  return `${name} ends at a loss of ${num(loss)}${restless}`;
}

export default {
  render(host) {
    const fig = figure(host, { label: "Two optimisers in a winding valley" });
    const map = fig.plot({
      x: { domain: [-8, 8] },
      y: { domain: [-2, 4.2] },
      label: "The valley from above: contour lines of the loss and both paths",
      aspect: 0.5,
      height: 400,
      margin: { left: 30, right: 10, bottom: 24 },
    });
    map.box.classList.add("wide");
    fig.choice({ key: "rule", label: "against", options: OPTIONS });
    fig.slider({ key: "lr", label: "learning rate η", min: 0.005, max: 2.5, log: true });
    fig.slider({ key: "beta", label: "memory β", min: 0, max: 0.99, step: 0.005 });
    fig.handle(map, { label: "start", get: () => fig.get("start"), set: (x, y) => fig.set({ start: [x, y] }), color: "purple", jump: true });
    fig.listen("start");
    fig.snap({ label: "where momentum wins", to: { rule: "momentum", lr: 0.2, beta: 0.9 } });
    fig.snap({ label: "where momentum flies off", to: { rule: "momentum", lr: 0.9, beta: 0.99 } });

    fig.draw(({ rule, lr, beta, start }) => {
      const name = OPTIONS.find(([key]) => key === rule)[1];
      const plain = run("sgd", start, lr, beta);
      const other = run(rule, start, lr, beta);
      map.contours("levels", (x, y) => hill.loss([x, y]), { id: "valley", levels: LEVELS });
      map.dots("minimum", [0], [0], { color: "text", size: 7 });
      for (const [key, path, color] of [["plain", plain, "blue"], ["other", other, "orange"]]) {
        const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
        map.line(key, xs, ys, { color, width: 1.6 });
        map.dots(key, xs, ys, { color, size: 4.5 });
      }
      fig.legend([["blue", "gradient descent", "dots"], ["orange", name, "dots"], ["text", "minimum", "dots"]]);
      fig.say(`After ${STEPS} steps with η = ${num(lr)}: ${report("gradient descent", plain)}; ${report(name, other)} (β = ${num(beta)}).`);
    });
    return fig.close;
  },
};
