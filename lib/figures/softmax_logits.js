// Scores to probabilities, loss and gradient; and what float32 makes of the same without the shift.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { crossEntropy, rounding, softmax } from "./floats.js";

// The formula as it stands, without the shift, in float32.
export const naive = (z) => softmax(z, rounding.float32, z.map(rounding.float32));

export const clipped = (p) => -Math.log(Math.max(p, 1e-10));

export default {
  render(host) {
    const fig = figure(host, { label: "Softmax, cross-entropy and its gradient" });
    const classes = { domain: [0.4, 4.6], ticks: [1, 2, 3, 4], label: "class" };
    const plot = (x, y, label) => fig.plot({ x, y, label, height: 240 });
    const scores = plot(classes, { domain: [-15, 15], label: "score z" }, "The scores of the classes");
    const probs = plot(classes, { domain: [-1.08, 1.08], label: "p, p − y" }, "Probabilities and gradient");
    const chart = plot({ domain: [-15, 15], label: "score of the true class" }, { domain: [0, 32], label: "loss" }, "Loss over the score of the true class");
    chart.box.classList.add("wide");
    fig.sketch(scores, { key: "scores", label: "Scores: drag the bars" });
    fig.listen("scores");
    fig.choice({ key: "truth", label: "true class", options: [0, 1, 2, 3].map((i) => [i, String(i + 1)]) });
    fig.slider({ key: "shift", label: "add to all scores", min: -120, max: 120, step: 1, show: String });
    fig.slider({ key: "temperature", label: "temperature τ", min: 0.2, max: 5, log: true });
    fig.snap({ label: "as it was", to: { shift: 0, temperature: 1 } });
    fig.snap({ label: "add 90", to: { shift: 90, temperature: 1 } });
    fig.snap({ label: "sure and wrong", to: { scores: [-14, 12, 3, -4], truth: 0, shift: 0, temperature: 1 } });
    fig.legend([
      ["blue", "probability p", "area"],
      ["orange", "gradient p − y", "area"],
      ["purple", "p by the naive formula in float32", "dots"],
      ["red", "loss with p clipped at 10⁻¹⁰", "dashed"],
    ]);
    const xs = Array.from({ length: 121 }, (_, i) => i / 4 - 15);
    fig.draw(({ scores: z, truth, shift, temperature }) => {
      const scaled = (values) => values.map((v) => (v + shift) / temperature);
      const u = scaled(z);
      const [p, rough] = [softmax(u), naive(u)];
      const at = [1, 2, 3, 4];
      scores.bars("scores", at, z, { color: "grey", opacity: 0.6 });
      scores.bars("truth", [truth + 1], [z[truth]], { color: "green", opacity: 0.8 });
      scores.text("truth", truth + 1, 13.4, "true", { color: "green", anchor: "middle" });
      const left = at.map((v) => v - 0.2);
      probs.bars("p", left, p, { width: 0.36, opacity: 0.75 });
      probs.bars("g", at.map((v) => v + 0.2), p.map((v, i) => v - (i === truth)), { width: 0.36, color: "orange", opacity: 0.85 });
      const works = rough.every(Number.isFinite);
      if (works) probs.dots("naive", left, rough, { color: "purple", size: 7 });
      else probs.text("naive", 1.6, -0.75, "naive: not a number", { color: "purple" });
      const losses = xs.map((x) => crossEntropy(scaled(z.map((v, i) => (i === truth ? x : v))), truth));
      chart.line("clipped", xs, losses.map((l) => clipped(Math.exp(-l))), { color: "red", dash: "6 4" });
      chart.line("loss", xs, losses);
      const [loss, top] = [crossEntropy(u, truth), Math.max(...u)];
      chart.dots("now", [z[truth]], [loss], { size: 10 });
      const cap = p[truth] < 1e-10 ? `clipped it reads ${num(clipped(p[truth]), 4)} and its gradient is 0` : `the gradient there p − 1 = ${num(p[truth] - 1, 4)}`;
      const float = works ? `is off by ${num(Math.max(...p.map((v, i) => Math.abs(v - rough[i]))), 1)}` : top > 88 ? `overflows, for exp(${num(top)}) is beyond exp(88.72)` : "divides 0 by 0";
      fig.say(`The true class has p = ${num(p[truth])}: the loss is ${num(loss, 4)}, ${cap}. The naive formula in float32 ${float}.`);
    });
    return fig.close;
  },
};
