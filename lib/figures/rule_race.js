// Every rule of the book on one surface, from one start, each with its own learning rate.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { rosenbrock, rotated, saddle, valley } from "./problems.js";
import { normals } from "./random.js";
import { descend, rules } from "./rules.js";

const [MOST, LOWEST, HIGHEST] = [250, 1e-10, 1e4];
const LABELS = { sgd: "SGD", momentum: "momentum", averaged_momentum: "averaged mom.", nesterov: "Nesterov", adagrad: "AdaGrad", adadelta: "AdaDelta", rmsprop: "RMSProp", adam: "Adam", adamax: "AdaMax", nadam: "Nadam", amsgrad: "AMSGrad", adamw: "AdamW", lion: "Lion" };
const NAMES = Object.keys(LABELS);
const noise = normals(5, 2 * MOST);
const bowl = rotated([0.5, 10], 0);
const [wide, tall, levels] = [[-7, 7], [-3, 4.2], [0.3, 1, 3, 8, 20, 45, 90]];

// name, problem, domains, contour levels, start, minimum and where it is
export const SURFACES = {
  valley: ["winding valley", valley({ flat: 0.4, steep: 10 }), wide, tall, levels, [-5.5, 1], 0, [[0, 0]]],
  ravine: ["tilted ravine", rotated([0.5, 10], 30), wide, tall, levels, [-5, 2], 0, [[0, 0]]],
  rosenbrock: ["Rosenbrock", rosenbrock({ b: 5 }), [-2.2, 2.2], [-1, 3.2], levels, [-1.5, 2], 0, [[1, 1]]],
  saddle: ["saddle", saddle, [-2, 2], [-1.8, 1.8], [-0.2, -0.1, 0, 0.2, 0.5, 1, 2], [1.5, 0.001], -0.25, [[0, 1], [0, -1]]],
  noisy: ["noisy ravine", { ...bowl, grad: (w, t) => bowl.grad(w).map((g, i) => g + 3 * noise[2 * t + i]) }, wide, tall, levels, [-5, 2], 0, [[0, 0]]],
};

export function run(rule, surface, start, lr, steps) {
  return descend(SURFACES[surface][1].grad, start, rules[rule], { lr }, steps);
}

export default {
  render(host) {
    const fig = figure(host, { label: "A race of all rules" });
    const map = fig.plot({ x: { domain: wide }, y: { domain: tall }, label: "The surface from above, and the path of each rule", height: 380, aspect: 0.9, margin: { left: 30, right: 10 } });
    const list = fig.plot({
      x: { domain: [LOWEST / 3, HIGHEST], log: true, label: "loss above the minimum" },
      y: { domain: [NAMES.length - 0.4, -0.6], ticks: NAMES.map((_, i) => i), names: (i) => LABELS[NAMES[i]] },
      label: "Where each rule is on the surface",
      height: 380,
      margin: { left: 112, right: 22 },
    });
    // the slider writes the learning rate of the chosen rule; a new surface brings its start
    const { get, set } = fig;
    fig.get = (key) => (key === "lr" ? get("lrs")[get("rule")] : get(key));
    fig.set = ({ lr, ...to }) => set({ ...(to.surface && { start: SURFACES[to.surface][5] }), ...(lr && { lrs: { ...get("lrs"), [get("rule")]: lr } }), ...to });
    fig.handle(map, { label: "start", get: () => fig.get("start"), set: (x, y) => fig.set({ start: [x, y] }), color: "purple", jump: true });
    fig.listen("start", "lrs");
    fig.choice({ key: "surface", label: "surface", options: Object.entries(SURFACES).map(([key, [name]]) => [key, name]) });
    fig.choice({ key: "rule", label: "rule", options: Object.entries(LABELS) });
    fig.slider({ key: "lr", label: "its learning rate η", min: 1e-4, max: 10, log: true });
    fig.slider({ key: "steps", label: "steps", min: 10, max: MOST, step: 10, show: String });
    fig.snap({ label: "on the saddle's ridge", to: { surface: "saddle", start: [1.5, 0] } });
    for (const [rule, lr] of [["sgd", 0.19], ["momentum", 0.5]]) {
      fig.snap({ label: `the ravine, ${LABELS[rule]} with η = ${lr}`, to: () => ({ surface: "ravine", rule, lrs: { ...get("lrs"), [rule]: lr } }) });
    }
    fig.draw(({ surface, rule, start, lrs, steps }) => {
      const [, hill, dx, dy, heights, , least, ends] = SURFACES[surface];
      if (map.x.domain !== dx || map.y.domain !== dy) map.domain(dx, dy);
      map.contours("levels", (x, y) => hill.loss([x, y]), { id: surface, levels: heights });
      const at = {};
      const over = {};
      for (const name of [...NAMES.filter((n) => n !== rule), rule]) {
        const path = run(name, surface, start, lrs[name], steps);
        at[name] = path.at(-1);
        const loss = hill.loss(at[name]) - least;
        over[name] = path.length > steps && loss < HIGHEST ? Math.max(loss, 0) : Infinity;
        const color = name === rule ? "blue" : "orange";
        const style = name === rule ? { color, width: 2.5 } : { color, width: 1, opacity: 0.6 };
        map.line(name, path.map(([x]) => x), path.map(([, y]) => y), style);
        const row = NAMES.indexOf(name);
        if (over[name] < Infinity) {
          map.dots(name, [at[name][0]], [at[name][1]], { color, size: 7 });
          list.dots(name, [Math.max(over[name], LOWEST)], [row], { color, size: name === rule ? 11 : 8 });
        } else list.text(name, HIGHEST, row, "diverges", { color: "red", anchor: "end", dy: 4 });
      }
      map.dots("minima", ends.map(([x]) => x), ends.map(([, y]) => y), { color: "text", size: 6 });
      fig.legend([["blue", LABELS[rule]], ["orange", "the other rules"], ["text", "minimum", "dots"]]);
      const height = (name) => (over[name] < LOWEST ? "less than 10⁻¹⁰" : num(over[name])) + " above the minimum";
      const left = NAMES.filter((n) => over[n] < Infinity).sort((a, b) => over[a] - over[b]);
      const lost = NAMES.length - left.length;
      const chosen = over[rule] < Infinity ? `is at (${num(at[rule][0])}, ${num(at[rule][1])}), ${height(rule)}` : "diverges";
      fig.say(
        `After ${steps} steps ${LABELS[rule]} with η = ${num(lrs[rule])} ${chosen}. ${left.length ? `Lowest is ${LABELS[left[0]]}, ${height(left[0])}` : "None is left"}${lost ? `; ${lost} of ${NAMES.length} diverge` : ""}. ` +
          "One start and one setting prove nothing: move the start, or one learning rate.",
      );
    });
    return fig.close;
  },
};
