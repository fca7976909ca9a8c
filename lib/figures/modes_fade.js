// Steep directions are learnt first: the error of each eigenmode after t steps.

import { num, percent, tidy } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { gdFactor, optimalLr } from "./theory.js";

export const LAMS = Array.from({ length: 13 }, (_, i) => 10 ** (-3 + i / 4));

export default {
  render(host) {
    const fig = figure(host, { label: "The error of each eigenmode after t steps" });
    const chart = fig.plot({
      x: { domain: [0.2, 13.8], label: "eigenvalue λ", ticks: [1, 5, 9, 13], names: (v) => tidy(LAMS[v - 1]) },
      y: { domain: [0, 1.15], label: "error left" },
      label: "Bars: error left in each eigenmode",
      height: 280,
    });
    chart.box.classList.add("wide");
    fig.slider({ key: "steps", label: "steps t", min: 0, max: 2000, step: 1, show: String });
    fig.slider({ key: "lr", label: "learning rate η", min: 0.01, max: 2.1, log: true });
    fig.snap({ label: "t = 10", to: { steps: 10 } });
    fig.snap({ label: "t = 1000", to: { steps: 1000 } });
    fig.snap({ label: "best η", to: { lr: optimalLr(LAMS) } });
    fig.legend([["blue", "error left, |1 − ηλ|ᵗ of the start", "area"], ["grey", "less than one per cent left", "area"]]);
    fig.draw(({ steps, lr }) => {
      const left = LAMS.map((lam) => Math.abs(gdFactor(lr, lam)) ** steps);
      const places = LAMS.map((_, i) => i + 1);
      const learnt = left.map((v) => v < 0.01);
      chart.bars("open", places.filter((_, i) => !learnt[i]), left.filter((_, i) => !learnt[i]), { color: "blue" });
      chart.bars("learnt", places.filter((_, i) => learnt[i]), left.filter((_, i) => learnt[i]).map(() => 0.012), { color: "grey" });
      const done = learnt.filter(Boolean).length;
      const worst = Math.max(...left);
      const left0 = `the flattest still has ${percent(left[0])}`;
      fig.say(
        worst > 1.0001
          ? `At η = ${num(lr)} a mode with λ above ${num(2 / lr)} grows in every step: the path diverges.`
          : steps === 0
            ? "Before the first step every mode has all of its error."
            : `After ${steps} ${steps === 1 ? "step" : "steps"} at η = ${num(lr)}, ${done} of ${LAMS.length} modes have less than one per cent of their error left; ${left0}` +
              (left.at(-1) > 0.999 ? ", and the steepest jumps from side to side for ever." : "."),
      );
    });
    return fig.close;
  },
};
