// Heavy-ball momentum can circle for ever on a strongly convex function.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { lessardSlope as slope } from "./problems.js";
import { descend, momentum, sgd } from "./rules.js";

const STEPS = 60;
const CYCLE = [0.6465, -1.8024, 2.1159];

export function run(start, method) {
  const settings = { heavy: [momentum, { lr: 1 / 9, beta: 4 / 9 }], plain: [sgd, { lr: 1 / 13 }] };
  const [rule, options] = settings[method];
  return descend((w) => w.map(slope), [start], rule, options, STEPS).map(([x]) => x);
}

export default {
  render(host) {
    const fig = figure(host, { label: "Momentum caught in a cycle" });
    const curve = fig.plot({
      x: { domain: [-4, 4], label: "x" },
      y: { domain: [-90, 90], label: "slope f′(x)" },
      label: "The slope of f, and where the steps land on it",
      height: 280,
    });
    const path = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [-4, 4], label: "x" },
      label: "Position over the steps; the start can be dragged",
      height: 280,
    });
    fig.handle(path, { label: "start", get: () => [0, fig.get("start")], set: (_, y) => fig.set({ start: y }), free: "y", color: "purple" });
    fig.listen("start");
    fig.choice({ key: "method", label: "method", options: [["heavy", "momentum"], ["plain", "gradient descent"]] });
    fig.snap({ label: "start that is caught", to: { start: 3.3, method: "heavy" } });
    fig.snap({ label: "start that escapes", to: { start: 0.5, method: "heavy" } });
    fig.legend([["blue", "the steps"], ["grey", "the slope of f"], ["red", "the three points of the cycle", "dashed"]]);

    const xs = Array.from({ length: 161 }, (_, i) => -4 + i / 20);
    fig.draw(({ start, method }) => {
      const points = run(start, method);
      curve.line("slope", xs, xs.map(slope), { color: "grey" });
      curve.hline("zero", 0);
      curve.dots("visited", points.slice(-12), points.slice(-12).map(slope), { color: "blue", size: 9 });
      CYCLE.forEach((v, i) => path.hline(`cycle${i}`, v, { color: "red", width: 1 }));
      path.line("path", points.map((_, t) => t), points, { color: "blue", width: 1.2 });
      path.dots("points", points.map((_, t) => t), points, { color: "blue", size: 5 });
      const last = points.slice(-3).map((v) => num(v, 4));
      const caught = Math.abs(points.at(-1)) > 0.1;
      fig.say(
        caught
          ? `From ${num(start)} the last three positions are ${last.join(", ")}: a cycle of three that never reaches the minimum at 0.`
          : `From ${num(start)} the distance to the minimum after ${STEPS} steps is ${num(Math.abs(points.at(-1)))}.`,
      );
    });
    return fig.close;
  },
};
