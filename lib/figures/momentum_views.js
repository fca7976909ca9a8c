// Momentum in three linked views: the plane of settings, the roots of each mode, the response.

import { num } from "./parts/format.js";
import { figure } from "./parts/figure.js";
import { criticalBeta, momentumOptimum, momentumRate, momentumRoots, momentumStep } from "./theory.js";

const MODES = [0.05, 0.3, 1];
const COLORS = ["blue", "green", "orange"];
const STEPS = 60;
const TOP = 0.98;

// How each text writes the same method: from (η, β) of the velocity form to its own axes and back.
export const conventions = {
  velocity: { to: (lr, beta) => [lr, beta], from: (a, b) => [a, b] },
  averaged: { to: (lr, beta) => [lr / (1 - beta), beta], from: (a, b) => [a * (1 - b), b] },
  reversed: { to: (lr, beta) => [lr / (1 - beta), 1 - beta], from: (a, b) => [a * b, 1 - b] },
};

const BETAS = [...Array.from({ length: 100 }, (_, i) => i / 100), 0.999];
const CIRCLE = Array.from({ length: 73 }, (_, i) => (i * Math.PI) / 36);

export default {
  render(host) {
    const fig = figure(host, { label: "Momentum in three linked views" });
    const plane = fig.plot({
      x: { domain: [0.01, 100], log: true, label: "learning rate" },
      y: { domain: [0, 1], label: "β" },
      label: "Settings: learning rate and β; the stronger the colour, the faster",
      height: 300,
    });
    const roots = fig.plot({
      x: { domain: [-1.35, 1.35], label: "real part" },
      y: { domain: [-1.35, 1.35], label: "imaginary part" },
      label: "Two roots for each mode, and the unit circle",
      square: true,
    });
    const response = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [-1, 1], label: "error" },
      label: "Error of each mode over the steps",
      height: 230,
    });
    response.box.classList.add("wide");
    // beyond the best learning rate the other modes would be slower, and soon grow
    const critical = () => {
      const lr = Math.min(fig.get("lr"), momentumOptimum(MODES).lr);
      return { lr, beta: criticalBeta(lr, MODES[0]) };
    };
    const form = () => conventions[fig.get("convention")];
    fig.handle(plane, {
      label: "learning rate and β",
      get: () => form().to(fig.get("lr"), fig.get("beta")),
      set: (a, b) => {
        const [lr, beta] = form().from(a, b);
        fig.set({ lr: Math.min(Math.max(lr, 0.01), 100), beta: Math.min(Math.max(beta, 0), TOP) });
      },
      color: "purple",
      jump: true,
    });
    fig.choice({ key: "convention", label: "written as", options: [["velocity", "velocity"], ["averaged", "averaged"], ["reversed", "β reversed"]] });
    fig.listen("lr", "beta");
    fig.snap({ label: "best settings", to: () => momentumOptimum(MODES) });
    fig.snap({ label: "no momentum, best η", to: { lr: 2 / (MODES[0] + MODES.at(-1)), beta: 0 } });
    fig.snap({ label: "critical damping of the flattest mode", to: critical });

    fig.draw(({ lr, beta, convention }) => {
      const rateAt = (a, b) => momentumRate(...conventions[convention].from(a, Math.min(Math.max(b, 1e-9), 1 - 1e-9)), MODES);
      plane.heat((a, b) => (1 - rateAt(a, b)) / 0.4, { id: convention, color: "blue" });
      const edge = BETAS.map((b) => conventions[convention].to((2 * (1 + b)) / MODES.at(-1), b));
      plane.line("edge", edge.map(([a]) => a), edge.map(([, b]) => b), { color: "red", width: 1.5 });
      plane.contours("rates", rateAt, { id: convention, levels: [0.7, 0.8, 0.9, 0.95] });

      roots.line("unit", CIRCLE.map(Math.cos), CIRCLE.map(Math.sin), { color: "red", width: 1.5 });
      const radius = Math.sqrt(beta);
      roots.line("root-beta", CIRCLE.map((a) => radius * Math.cos(a)), CIRCLE.map((a) => radius * Math.sin(a)), { color: "grey", width: 1.2, dash: "4 3" });
      const path = MODES.map(() => [0]);
      MODES.forEach((lam, i) => {
        const pair = momentumRoots(lr, beta, lam);
        roots.dots(`roots${i}`, pair.map(([re]) => re), pair.map(([, im]) => im), { color: COLORS[i], size: 10 });
        let state = [0, 1];
        path[i] = [1];
        for (let t = 0; t < STEPS; t++) path[i].push((state = momentumStep(state, lr, beta, lam))[1]);
        response.line(`mode${i}`, path[i].map((_, t) => t), path[i], { color: COLORS[i] });
      });
      const rate = momentumRate(lr, beta, MODES);
      const ripples = MODES.filter((lam) => momentumRoots(lr, beta, lam)[0][1] > 1e-6).length;
      const [a, b] = conventions[convention].to(lr, beta);
      const verdict =
        rate > 1 + 1e-9 ? "outside the unit circle: that mode diverges."
        : rate > 1 - 1e-9 ? "on the unit circle: that mode never fades."
        : `so in the long run every ${Math.ceil(Math.log(0.1) / Math.log(rate))} steps leave less than a tenth.`;
      const root = convention === "reversed" ? "√(1 − β)" : "√β";
      const size = `with roots of size ${root} = ${num(radius)}`;
      fig.legend([...MODES.map((l, i) => [COLORS[i], `mode with λ = ${l}`]), ["red", "edge of stability"], ["grey", `radius ${root}`, "dashed"]]);
      fig.say(
        `Learning rate ${num(a)}, β = ${num(b)}, written this way: the slowest root has size ${num(rate, 4)}, ${verdict} ` +
          (ripples ? `${ripples} of ${MODES.length} modes ${ripples === 1 ? "ripples" : "ripple"}, ${size}.` : "No mode ripples."),
      );
    });
    return fig.close;
  },
};
