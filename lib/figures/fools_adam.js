// The sequence of Reddi, Kale and Kumar: a slope of C, then two of −1, again and again, on [−1, 1].

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { adam, amsgrad, sgd, START } from "./rules.js";

const RULES = [["Adam", adam, "orange"], ["AMSGrad", amsgrad, "blue"], ["SGD", sgd, "green"]];

// Positions before each step, and the average regret after it, with η = 0.5/√t and β₁ = 0.
export function play(rule, C, steps, beta2) {
  let [w, s, regret] = [[0], START, 0];
  const [at, mean] = [[], []];
  for (let t = 1; t <= steps; t++) {
    const slope = t % 3 === 1 ? C : -1;
    at.push(w[0]);
    mean.push((regret += slope * (w[0] + 1)) / t);
    [w, s] = rule(w, [slope], s, { lr: 0.5 / Math.sqrt(t), beta1: 0, beta2, correct: false });
    w = [Math.min(Math.max(w[0], -1), 1)];
  }
  return [[...at, w[0]], mean];
}

export default {
  render(host) {
    const fig = figure(host, { label: "The sequence that fools Adam" });
    const x = { domain: [1, 10000], log: true, label: "step t" };
    const position = fig.plot({ x, y: { domain: [-1.1, 1.1], label: "position" }, label: "Position of each rule over the steps", height: 270, margin: { right: 24 } });
    const regret = fig.plot({ x, y: { domain: [0, 1], label: "average regret" }, label: "Average regret of each rule", height: 270, margin: { right: 24 } });
    fig.slider({ key: "C", label: "the large slope C", min: 2.1, max: 10, log: true });
    fig.slider({ key: "steps", label: "steps", min: 100, max: 10000, log: true, show: String });
    fig.toggle({ key: "long", label: "β₂ = 0.999 instead of 1/(1 + C²)" });
    fig.snap({ label: "C = 3", to: { C: 3, long: false } });
    fig.snap({ label: "a longer memory", to: { C: 3, long: true } });
    fig.legend([...RULES.map(([name, , color]) => [color, name]), ["red", "regret of staying at the worst point, +1", "dashed"]]);
    let top = 1;
    fig.draw(({ C, steps, long }) => {
      const worst = (2 * (C - 2)) / 3;
      if (top !== worst) regret.domain(null, [0, 1.7 * (top = worst)]);
      regret.hline("worst", worst, { color: "red" });
      position.hline("best", -1);
      // whole periods of three, more widely spaced later
      const ts = Array.from({ length: steps }, (_, i) => i + 1).filter((t) => Math.floor(t / 3) % Math.ceil(t / 100) === 0);
      const said = RULES.map(([name, rule, color]) => {
        const [at, mean] = play(rule, C, steps, long ? 0.999 : 1 / (1 + C * C));
        position.line(name, ts, ts.map((t) => at[t]), { color, width: 1.5 });
        regret.line(name, ts, ts.map((t) => mean[t - 1]), { color });
        return `${name} is at ${num(at[steps])} with an average regret of ${num(mean[steps - 1])}`;
      });
      fig.say(`After ${steps} steps ${said.join(", ")}. The best point is −1; staying at +1 costs 2(C − 2)/3 = ${num(worst)} a step.`);
    });
    return fig.close;
  },
};
