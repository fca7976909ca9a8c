// What a fair race of five contenders finds with any number of trials, from 48 trials of each.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";

const N = 48;
const KS = Array.from({ length: N }, (_, i) => i + 1);
const INK = { SGD: "grey", momentum: "blue", RMSProp: "green", Adam: "orange", "Adam (all four)": "purple" };
const DASH = ["", "7 3", "2 3", "9 3 2 3", "12 2"];
export const RACES = {
  hill: ["quadratic", "log₁₀ of the loss", [-25, 0.5]],
  hill2: ["quadratic, another draw", "log₁₀ of the loss", [-25, 0.5]],
  net: ["net B", "loss on unseen digits", [0, 2.3]],
  net2: ["net B, another draw", "loss on unseen digits", [0, 2.3]],
};

// Expected score of the best-looking of k trials; `scores` from the best-looking to the worst.
export function expected(scores, k) {
  let chance = k / N;
  return scores.reduce((sum, score, i) => {
    const term = chance * score;
    chance *= Math.max(N - i - k, 0) / (N - i - 1 || 1);
    return sum + term;
  }, 0);
}

export default {
  render(host) {
    const fig = figure(host, { label: "A fair race for every budget" });
    const chart = fig.plot({
      x: { domain: [1, N], log: true, label: "trials for each method", ticks: [1, 2, 4, 8, 16, 32, 48], names: String },
      y: { domain: [0, 2.3], label: "expected outcome" },
      label: "Expected outcome of the best of k trials for each contender",
      height: 340,
    });
    fig.choice({ key: "race", label: "race", options: Object.entries(RACES).map(([key, [name]]) => [key, name]) });
    fig.slider({ key: "budget", label: "trials for each", min: 1, max: N, step: 1, show: String });
    fig.listen("scores");
    fig.draw(({ race, budget, scores }) => {
      const [title, what, domain] = RACES[race];
      chart.domain([1, N], domain);
      const now = Object.entries(INK).map(([name, color], i) => {
        const all = scores[race][name];
        chart.line(name, KS, KS.map((k) => expected(all, k)), { color, dash: DASH[i] });
        const value = expected(all, budget);
        chart.dots(`at ${name}`, [budget], [value], { color, size: 9 });
        return [name, value];
      });
      chart.vline("budget", budget);
      fig.legend(now.map(([name]) => [INK[name], name]));
      const order = now.sort((a, b) => a[1] - b[1]);
      const places = order.map(([name, value]) => `${name} ${num(value)}`).join(", ");
      fig.say(`In the race “${title}”, with ${budget} ${budget > 1 ? "trials" : "trial"} for each, the order is by expected ${what}: ${places}. Ahead is ${order[0][0]}; move the budget, or take another draw of the same settings.`);
    });
    return fig.close;
  },
};
