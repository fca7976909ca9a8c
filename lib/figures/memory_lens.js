// What an exponentially weighted average with weight β on the old value remembers.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { biasCorrection, ewa } from "./rules.js";

export const averages = {
  timeConstant: (beta) => -1 / Math.log(beta),
  halfLife: (beta) => -Math.log(2) / Math.log(beta),
  meanAge: (beta) => beta / (1 - beta),
  effectiveSamples: (beta) => (1 + beta) / (1 - beta),
  frequencyResponse: (beta, omega) => (1 - beta) / Math.sqrt(1 - 2 * beta * Math.cos(omega) + beta ** 2),
};

export function ewaPath(xs, beta, correct) {
  let avg = 0;
  return xs.map((x, i) => {
    avg = ewa(avg, x, beta);
    return correct ? biasCorrection(avg, beta, i + 1) : avg;
  });
}

const AGES = Array.from({ length: 60 }, (_, k) => k);
const OMEGAS = Array.from({ length: 121 }, (_, i) => 0.01 * (Math.PI / 0.01) ** (i / 120));

export default {
  render(host) {
    const fig = figure(host, { label: "What an exponentially weighted average remembers" });
    const n = host.model.get("series").length;
    const series = fig.plot({
      x: { domain: [0, n + 1], label: "step t" },
      y: { domain: [-2, 12], label: "value" },
      label: "The series and its average",
      height: 260,
    });
    series.box.classList.add("wide");
    const kernel = fig.plot({
      x: { domain: [-1, 60], label: "age in steps" },
      y: { domain: [0, 0.5], label: "weight" },
      label: "The weight of a value by its age",
      height: 230,
    });
    const filter = fig.plot({
      x: { domain: [0.01, Math.PI], log: true, label: "frequency in radians per step" },
      y: { domain: [0.003, 1.5], log: true, label: "kept" },
      label: "What is kept of an oscillation, by its frequency",
      height: 230,
    });
    fig.sketch(series, { key: "series", label: "Series: drag to draw your own" });
    fig.listen("series");
    fig.slider({ key: "beta", label: "weight on the old average β", min: 0.5, max: 0.98, step: 0.005 });
    fig.toggle({ key: "correct", label: "bias correction" });
    fig.legend([
      ["grey", "the series: draw your own", "dots"],
      ["blue", "its average"],
      ["green", "half-life"],
      ["orange", "mean age, the lag", "dashed"],
    ]);

    const steps = Array.from({ length: n }, (_, i) => i + 1);
    fig.draw(({ beta, correct, series: xs }) => {
      const path = ewaPath(xs, beta, correct);
      series.dots("data", steps, xs, { color: "grey", size: 6 });
      series.line("average", steps, path, { color: "blue", width: 2.5 });

      const [half, age] = [averages.halfLife(beta), averages.meanAge(beta)];
      kernel.bars("weights", AGES, AGES.map((k) => (1 - beta) * beta ** k), { color: "blue", opacity: 0.7 });
      kernel.line("half", [half, half], [0, 0.5], { color: "green" });
      kernel.line("age", [age, age], [0, 0.5], { color: "orange", dash: "6 4" });

      filter.line("response", OMEGAS, OMEGAS.map((o) => averages.frequencyResponse(beta, o)), { color: "blue" });
      filter.hline("all", 1);

      const first = `After the first value, ${num(xs[0])}, the average reads ${num(path[0])}.`;
      fig.say(
        `β = ${num(beta)}: half-life ${num(half)} steps, time constant ${num(averages.timeConstant(beta))}, ` +
          `lag ${num(age)}, as steady as ${num(averages.effectiveSamples(beta))} equal samples. ${first}`,
      );
    });
    return fig.close;
  },
};
