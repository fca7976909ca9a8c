// A valley turned: gradient descent does not notice, methods that divide by coordinates do.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { rotated } from "./problems.js";
import { descend, rules } from "./rules.js";

const [SPECTRUM, START, STEPS] = [[1, 50], [-2, 1.2], 100];
const METHODS = [
  ["sgd", "GD", "blue", 0.035],
  ["adagrad", "AdaGrad", "orange", 0.5],
  ["rmsprop", "RMSProp", "green", 0.05],
  ["adam", "Adam", "purple", 0.1],
];
const FLOOR = 1e-6;

// The paths of all methods; the start turns with the valley.
export function paths(degrees) {
  const hill = rotated(SPECTRUM, degrees);
  return METHODS.map(([rule, , , lr]) => descend(hill.grad, hill.back(START), rules[rule], { lr }, STEPS));
}

export const ends = (degrees) => paths(degrees).map((path) => rotated(SPECTRUM, degrees).loss(path.at(-1)));

export default {
  render(host) {
    const fig = figure(host, { label: "Four optimisers in a valley to turn" });
    const map = fig.plot({
      x: { domain: [-2.6, 2.6] },
      y: { domain: [-2.6, 2.6] },
      label: "The valley from above and the four paths",
      square: true,
      margin: { left: 30, right: 10 },
    });
    const bars = fig.plot({
      x: { domain: [0.4, 4.6], ticks: [1, 2, 3, 4], names: (i) => METHODS[i - 1][1] },
      y: { domain: [FLOOR, 10], log: true, label: `loss after ${STEPS} steps` },
      label: "Final loss of each method",
      aspect: 1,
    });
    fig.slider({ key: "degrees", label: "angle of the valley", min: 0, max: 90, step: 1, show: (v) => `${v}°` });
    const rim = (degrees) => rotated(SPECTRUM, degrees).back([2.4, 0]);
    const turn = (x, y) => fig.set({ degrees: Math.round((Math.atan2(Math.max(y, 0), Math.max(x, 0)) * 180) / Math.PI) });
    fig.handle(map, { label: "the flat direction", get: () => rim(fig.get("degrees")), set: turn, color: "text" });
    fig.snap({ label: "along the axes", to: { degrees: 0 } });
    fig.snap({ label: "turned by 45°", to: { degrees: 45 } });
    fig.legend([...METHODS.map(([, name, color]) => [color, name]), ["grey", "its loss at 0°", "dashed"]]);
    const straight = ends(0);
    fig.draw(({ degrees }) => {
      const hill = rotated(SPECTRUM, degrees);
      map.contours("levels", (x, y) => hill.loss([x, y]), { id: degrees, levels: [0.5, 2, 6, 14, 28, 50, 85] });
      map.text("turn", ...rim(degrees), "turn", { anchor: "end", dx: -12, dy: 4 });
      const losses = ends(degrees);
      paths(degrees).forEach((path, i) => {
        const [, , color] = METHODS[i];
        const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
        map.line(color, xs, ys, { color, width: [1, 4.5, 1.8, 1.8][i], dash: i === 2 ? "5 3" : undefined });
        map.dots(color, [xs.at(-1)], [ys.at(-1)], { color, size: 9 });
        bars.bars(color, [i + 1], [losses[i]], { color, base: FLOOR / 10, opacity: 0.75 });
        bars.line(`was${i}`, [i + 0.55, i + 1.45], Array(2).fill(Math.max(straight[i], 1.1 * FLOOR)), { color: "grey", width: 2.5, dash: "5 3" });
        bars.text(color, i + 1, Math.max(losses[i], FLOOR), losses[i] < FLOOR ? "< 10⁻⁶" : num(losses[i], 2), { anchor: "middle", dy: -7 });
      });
      const [gd, ...others] = losses.map((v) => num(v));
      fig.say(`Turned by ${degrees}°, gradient descent ends at ${gd}, as at every angle; AdaGrad at ${others[0]}, RMSProp at ${others[1]}, Adam at ${others[2]}: ${["none", "one", "two", "all three"][losses.filter((v) => v < losses[0]).length]} below it.`);
    });
    return fig.close;
  },
};
