// The same path twice: in the parameters, and in the eigenbasis, where each axis goes its own way.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { rotated } from "./problems.js";
import { descend, momentum } from "./rules.js";
import { momentumRate } from "./theory.js";

const SPECTRUM = [1, 8];
const STEPS = 60;
const LEVELS = [0.1, 0.5, 1.5, 3, 6, 10, 16, 24];

export default {
  render(host) {
    const fig = figure(host, { label: "One path in two coordinate systems" });
    const options = (names, label) => ({
      x: { domain: [-2.5, 2.5], label: names[0] },
      y: { domain: [-2.5, 2.5], label: names[1] },
      label,
      square: true,
    });
    const world = fig.plot(options(["w₁", "w₂"], "The path in the parameters"));
    const modes = fig.plot(options(["x₁, the flat direction", "x₂, the steep direction"], "The path in the eigenbasis"));
    fig.slider({ key: "lr", label: "learning rate η", min: 0.005, max: 0.3, step: 0.005 });
    fig.slider({ key: "beta", label: "momentum β", min: 0, max: 0.95, step: 0.01 });
    fig.slider({ key: "degrees", label: "angle of the valley", min: 0, max: 90, step: 1, show: (v) => `${v}°` });
    fig.handle(world, { label: "start", get: () => fig.get("start"), set: (x, y) => fig.set({ start: [x, y] }), color: "purple", jump: true });
    fig.listen("start");
    fig.snap({ label: "turn to 0°", to: { degrees: 0 } });

    fig.draw(({ lr, beta, degrees, start }) => {
      const hill = rotated(SPECTRUM, degrees);
      const level = rotated(SPECTRUM, 0);
      const path = descend(hill.grad, start, momentum, { lr, beta }, STEPS);
      const turned = path.map(hill.modes);
      world.contours("levels", (x, y) => hill.loss([x, y]), { id: degrees, levels: LEVELS });
      modes.contours("levels", (x, y) => level.loss([x, y]), { id: 0, levels: LEVELS });
      for (const [chart, points] of [[world, path], [modes, turned]]) {
        const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
        chart.line("path", xs, ys, { color: "blue", width: 1.6 });
        chart.dots("path", xs, ys, { color: "blue", size: 5 });
      }
      const [first, last] = [turned[0], turned.at(-1)];
      const rate = momentumRate(lr, beta, SPECTRUM);
      fig.say(
        rate > 1 - 1e-9
          ? `At η = ${num(lr)}, β = ${num(beta)} the steep direction ${rate > 1 + 1e-9 ? "diverges" : "never shrinks"}, whatever the angle.`
          : `Turned by ${degrees}°, the two errors go from ${num(first[0])} and ${num(first[1])} to ${num(last[0])} and ${num(last[1])} in ${STEPS} steps; ` +
              `the slowest factor per step is ${num(rate)} at every angle.`,
      );
    });
    return fig.close;
  },
};
