// "Accuracy" by rounding one-hot entries against accuracy: it counts the zeros.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";

// Entries of an average example: right zeros, right ones, missed ones, false ones. A share `sure` of
// the predictions has a probability above ½, and is right as often as the others.
export function entries(accuracy, sure, classes) {
  const [hit, wrong] = [sure * accuracy, sure * (1 - accuracy)];
  return [classes - 1 - wrong, hit, 1 - hit, wrong];
}

export const rounded = (accuracy, sure, classes) => 1 - (1 + sure * (1 - 2 * accuracy)) / classes;

export default {
  render(host) {
    const fig = figure(host, { label: "Accuracy by rounding against accuracy" });
    const chart = fig.plot({
      x: { domain: [0, 1], label: "accuracy" },
      y: { domain: [0, 1.02], label: "what is reported" },
      label: "Rounded accuracy over accuracy",
      aspect: 0.8,
      height: 320,
    });
    const NAMES = ["right 0", "right 1", "missed 1", "false 1"];
    const parts = fig.plot({
      x: { domain: [0.4, 4.6], ticks: [1, 2, 3, 4], names: (i) => NAMES[i - 1], label: "entries after rounding" },
      y: { domain: [0, 1.02], label: "share of the entries" },
      label: "Shares of the four kinds of entries",
      aspect: 0.8,
      height: 320,
    });
    fig.slider({ key: "accuracy", label: "accuracy A", min: 0, max: 1, step: 0.01 });
    fig.slider({ key: "sure", label: "share of sure predictions, p > ½", min: 0, max: 1, step: 0.01 });
    fig.slider({ key: "classes", label: "classes C", min: 2, max: 100, step: 1, show: String });
    fig.handle(chart, {
      label: "accuracy",
      get: () => [fig.get("accuracy"), rounded(fig.get("accuracy"), fig.get("sure"), fig.get("classes"))],
      set: (x) => fig.set({ accuracy: x }),
      free: "x",
      jump: true,
    });
    fig.snap({ label: "knows nothing, and says so", to: () => ({ accuracy: 1 / fig.get("classes"), sure: 0 }) });
    fig.snap({ label: "sure, and half wrong", to: { accuracy: 0.5, sure: 1 } });
    fig.snap({ label: "two classes, all sure", to: { sure: 1, classes: 2 } });
    fig.snap({ label: "100 classes", to: { accuracy: 0.01, sure: 0, classes: 100 } });
    fig.legend([["grey", "accuracy", "dashed"], ["blue", "by rounding"], ["blue", "from nobody sure to all sure", "area"]]);
    fig.draw(({ accuracy, sure, classes }) => {
      const line = (share) => [0, 1].map((a) => rounded(a, share, classes));
      chart.band("all", [0, 1], line(0), line(1));
      chart.line("honest", [0, 1], [0, 1], { color: "grey", dash: "6 4" });
      chart.line("rounded", [0, 1], line(sure), { width: 2.5 });
      chart.dots("true", [accuracy], [accuracy], { color: "grey", size: 10 });
      const shares = entries(accuracy, sure, classes).map((n) => n / classes);
      for (const [i, share] of shares.entries()) {
        const color = i < 2 ? "blue" : "red";
        parts.bars(i, [i + 1], [share], { color, opacity: 0.75 });
        parts.text(i, i + 1, Math.min(share, 0.95), num(share), { anchor: "middle", dy: -6 });
      }
      fig.say(`The predictions are right in ${num(accuracy)} of the examples; rounding reports ${num(rounded(accuracy, sure, classes))}, for with ${classes} classes ${num(shares[0])} of all entries are zeros that stay zeros. Sure of nothing it would read ${num(1 - 1 / classes)}, sure of everything ${num(rounded(accuracy, 1, classes))}.`);
    });
    return fig.close;
  },
};
