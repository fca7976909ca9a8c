// Plain gradient descent with learning rates spread over the spectrum: far less is left.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { chebyshevBound, chebyshevLrs, gdRate, optimalLr } from "./theory.js";

export const polynomial = (lrs, lam) => lrs.reduce((product, lr) => product * (1 - lr * lam), 1);

export default {
  render(host) {
    const fig = figure(host, { label: "Acceleration from a schedule alone" });
    const left = fig.plot({
      x: { domain: [0, 1.02], label: "eigenvalue λ" },
      y: { domain: [-1, 1], label: "error left" },
      label: "What is left of the error of each eigenvalue after all steps",
      height: 280,
    });
    const rates = fig.plot({
      x: { domain: [0.4, 16.6], label: "step t" },
      y: { domain: [0.5, 100], log: true, label: "learning rate η" },
      label: "The learning rate of each step",
      height: 280,
    });
    fig.slider({ key: "steps", label: "steps", min: 1, max: 16, step: 1, show: String });
    fig.slider({ key: "kappa", label: "condition number κ", min: 2, max: 100, log: true });
    fig.legend([["blue", "Chebyshev's learning rates"], ["orange", "the best constant one", "dashed"], ["grey", "limit of a constant one, 2/λmax", "dashed"]]);
    const lams = Array.from({ length: 256 }, (_, i) => (1.02 * i) / 255);
    fig.draw(({ steps, kappa }) => {
      const spectrum = [1 / kappa, 1];
      const clever = chebyshevLrs(...spectrum, steps);
      const constant = Array(steps).fill(optimalLr(spectrum));
      left.line("constant", lams, lams.map((l) => polynomial(constant, l)), { color: "orange", dash: "6 4" });
      left.line("clever", lams, lams.map((l) => polynomial(clever, l)), { color: "blue", width: 2.5 });
      left.vline("low", spectrum[0], { dash: "1 3" });
      left.vline("high", 1, { dash: "1 3" });
      const ts = clever.map((_, i) => i + 1);
      rates.line("constant", [0.4, steps + 0.6], [constant[0], constant[0]], { color: "orange", dash: "6 4" });
      rates.dots("clever", ts, clever, { color: "blue", size: 9 });
      rates.hline("limit", 2);
      const worst = chebyshevBound(kappa, steps);
      const plain = gdRate(constant[0], spectrum) ** steps;
      const above = clever.filter((lr) => lr > 2).length;
      const beyond = above ? `although ${above === 1 ? "one step is" : `${above} of the steps are`} beyond` : "and no step is beyond";
      fig.say(
        steps === 1
          ? `κ = ${num(kappa)}, one step: there is nothing to spread. The best single rate is the best constant one and leaves ${num(plain)} of the worst error.`
          : `κ = ${num(kappa)}, ${steps} steps: at most ${num(worst)} of an error is left, with the best constant rate ${num(plain)}, ` +
              `${beyond} the limit of a constant learning rate.`,
      );
    });
    return fig.close;
  },
};
