// The best learning rate gives the steepest and the flattest mode the same pace.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { gdFactor, gdRate, maxLr, optimalLr } from "./theory.js";

const MODES = [1, 3, 10];
const COLORS = ["blue", "green", "orange"];
const LIMIT = maxLr(MODES);
const BEST = optimalLr(MODES);
const STEPS = 40;

export default {
  render(host) {
    const fig = figure(host, { label: "Learning rate against the pace of each eigenmode" });
    const rates = fig.plot({
      x: { domain: [0, 0.25], label: "learning rate η" },
      y: { domain: [0, 1.25], label: "factor per step" },
      label: "Factor by which each mode's error shrinks in a step, over the learning rate",
      aspect: 0.8,
      height: 320,
    });
    const errors = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [1e-8, 1e3], log: true, label: "error" },
      label: "Error of each mode over the steps",
      aspect: 0.8,
      height: 320,
    });
    fig.slider({ key: "lr", label: "learning rate η", min: 0.005, max: 0.25, digits: 4 });
    fig.handle(rates, {
      label: "learning rate η",
      get: () => [fig.get("lr"), gdRate(fig.get("lr"), MODES)],
      set: (x) => fig.set({ lr: Math.max(x, 0.005) }),
      free: "x",
      color: "purple",
      jump: true,
    });
    fig.snap({ label: "best learning rate", to: { lr: BEST } });
    fig.snap({ label: "edge of divergence", to: { lr: LIMIT } });
    fig.legend(MODES.map((l, i) => [COLORS[i], `mode with λ = ${l}`]));

    const lrs = Array.from({ length: 101 }, (_, i) => 0.0025 * i);
    const steps = Array.from({ length: STEPS + 1 }, (_, t) => t);
    fig.draw(({ lr }) => {
      MODES.forEach((lambda, i) => {
        const color = COLORS[i];
        const now = Math.abs(gdFactor(lr, lambda));
        rates.line(`curve${i}`, lrs, lrs.map((v) => Math.abs(gdFactor(v, lambda))), { color });
        rates.dots(`now${i}`, [lr], [now], { color, size: 9 });
        errors.line(`error${i}`, steps, steps.map((t) => Math.max(now ** t, 1e-300)), { color });
      });
      rates.hline("one", 1);
      rates.vline("limit", LIMIT);
      rates.text("limit", LIMIT, 0.06, "limit 2/λmax", { color: "grey", anchor: "end", dx: -5 });
      const factors = MODES.map((l) => Math.abs(gdFactor(lr, l)));
      const rate = Math.max(...factors);
      const slowest = factors[0] >= factors.at(-1) ? "flattest" : "steepest";
      const tie = Math.abs(factors[0] - factors.at(-1)) < 1e-6 ? "the flattest and the steepest mode tie" : `the ${slowest} mode is the slowest`;
      fig.say(
        rate > 1 + 1e-9
          ? `At η = ${num(lr, 4)} the steepest mode changes sides and is ${num(rate, 4)} times as large after every step: the path diverges.`
          : rate > 1 - 1e-9
            ? `At η = ${num(lr, 4)} the steepest mode jumps from side to side and never shrinks.`
            : `At η = ${num(lr, 4)} ${tie}, with a factor of ${num(rate, 4)} per step. ` +
              `A tenth of the error is left after ${Math.ceil(Math.log(0.1) / Math.log(rate))} steps.`,
      );
    });
    return fig.close;
  },
};
