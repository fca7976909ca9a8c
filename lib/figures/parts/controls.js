// What a reader can move. Every control writes one or two keys of the model and nothing else;
// all work by mouse, by touch and by keyboard, and say their value to assistive technology.

import { h, s, uid, write } from "./dom.js";
import { num } from "./format.js";

// so few that the next one is always another number, even when rounded: else a key press could do nothing
const POSITIONS = 300;

// A native range input. The value is rounded to `digits`, so the number shown is the number used.
// `memory` is for a β near 1: the slider is logarithmic in 1 − β.
export function slider(fig, { key, label, min, max, log = false, memory = false, step, digits = 3, show = (v) => (memory ? String(v) : num(v, digits)) }) {
  const id = uid(key);
  const to = memory ? (v) => -Math.log(1 - v) : log ? Math.log : (v) => v;
  const [a, b] = [to(min), to(max)];
  const toValue = (position) => {
    const raw = a + ((b - a) * position) / POSITIONS;
    if (memory) return Number((1 - Number(Math.exp(-raw).toPrecision(digits))).toPrecision(12));
    if (step) return Number((min + Math.round((raw - min) / step) * step).toPrecision(12));
    return Number((log ? Math.exp(raw) : raw).toPrecision(digits));
  };
  const toPosition = (value) => ((to(value) - a) / (b - a)) * POSITIONS;
  const every = step ? (step / (max - min)) * POSITIONS : 1;
  const input = h("input", { type: "range", id, min: 0, max: POSITIONS, step: step ? every : 1 });
  const output = h("output", { for: id });
  input.addEventListener("input", () => fig.set({ [key]: toValue(Number(input.value)) }), { signal: fig.signal });
  fig.panel.append(h("div", { class: "dfig-slider" }, h("label", { for: id }, label), input, output));
  fig.watch(() => {
    const value = fig.get(key);
    input.value = toPosition(value);
    const text = show(value);
    if (output.textContent !== text) input.setAttribute("aria-valuetext", text);
    write(output, text);
  });
  return input;
}

// A choice of one among few: native radio buttons that look like one segmented button.
export function choice(fig, { key, label, options }) {
  const group = uid(key);
  const inputs = options.map(([value, text]) => {
    const id = uid(key);
    const input = h("input", { type: "radio", name: group, id, value });
    input.addEventListener("change", () => fig.set({ [key]: value }), { signal: fig.signal });
    return [value, input, h("label", { for: id }, text)];
  });
  fig.panel.append(h("fieldset", { class: "dfig-choice" }, h("legend", {}, label),
    h("span", { class: "dfig-options" }, ...inputs.flatMap(([, input, text]) => [input, text]))));
  fig.watch(() => inputs.forEach(([value, input]) => (input.checked = value === fig.get(key))));
}

export function toggle(fig, { key, label }) {
  const id = uid(key);
  const input = h("input", { type: "checkbox", id });
  input.addEventListener("change", () => fig.set({ [key]: input.checked }), { signal: fig.signal });
  fig.panel.append(h("div", { class: "dfig-toggle" }, input, h("label", { for: id }, label)));
  fig.watch(() => (input.checked = Boolean(fig.get(key))));
}

// A link-like button that sets the controls to values worth seeing: `to` is {key: value} or a function.
export function snap(fig, { label, to }) {
  const button = h("button", { type: "button", class: "dfig-snap" }, label);
  button.addEventListener("click", () => fig.set(typeof to === "function" ? to() : to), { signal: fig.signal });
  fig.panel.append(button);
}

// A point to drag in a chart. get() -> [x, y]; set(x, y) writes the model; `free` is "xy", "x" or "y".
// Arrow keys move it by 1 % of the chart, with Shift by 10 %; Home puts it back.
export function handle(fig, chart, { label, get, set, color = "blue", free = "xy", jump = false }) {
  const home = get();
  const ring = s("circle", { r: 8, class: `dfig-handle-dot ink-${color}` });
  const knob = s("g", { class: "dfig-handle", role: "slider", tabindex: 0, "aria-label": label, "aria-roledescription": "movable point" },
    s("circle", { r: 22, class: "dfig-handle-reach" }), ring);
  chart.handles.append(knob);
  const listen = (node, name, f) => node.addEventListener(name, f, { signal: fig.signal });

  const moveTo = (px, py) => {
    const [x, y] = get();
    set(free.includes("x") ? chart.x.clamp(tidy(chart.x, px)) : x, free.includes("y") ? chart.y.clamp(tidy(chart.y, py)) : y);
  };
  const fromEvent = (event) => {
    const frame = chart.picture.getBoundingClientRect();
    moveTo(event.clientX - frame.left, event.clientY - frame.top);
  };
  listen(knob, "pointerdown", (event) => {
    event.preventDefault();
    knob.focus();
    knob.setPointerCapture(event.pointerId);
  });
  listen(knob, "pointermove", (event) => knob.hasPointerCapture(event.pointerId) && fromEvent(event));
  if (jump) listen(chart.picture, "click", (event) => knob.contains(event.target) || fromEvent(event));
  listen(knob, "keydown", (event) => {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Home") set(...home);
    if (arrow) {
      const size = event.shiftKey ? 0.1 : 0.01;
      const [x, y] = get();
      moveTo(chart.x(x) + arrow[0] * size * chart.width, chart.y(y) + arrow[1] * size * chart.height);
    }
    if (arrow || event.key === "Home") event.preventDefault();
  });
  fig.watch(() => {
    const [x, y] = get();
    knob.setAttribute("transform", `translate(${chart.x(x).toFixed(1)} ${chart.y(y).toFixed(1)})`);
    const main = free === "y" ? y : x;
    knob.setAttribute("aria-valuenow", main);
    knob.setAttribute("aria-valuetext", free === "xy" ? `${num(x)}, ${num(y)}` : num(main));
  });
}

// Values to draw with a pointer, one for each whole x: bars to drag or a series to sketch.
// By keyboard: left and right choose the value, up and down change it.
export function sketch(fig, chart, { key, label }) {
  const cursor = s("path", { class: "dfig-cursor" });
  const pad = s("g", { class: "dfig-sketch", role: "slider", tabindex: 0, "aria-label": label, "aria-roledescription": "series to draw" },
    s("rect", { class: "dfig-handle-reach", width: "100%", height: "100%" }), cursor);
  chart.handles.append(pad);
  let chosen = 0;
  let last = null;
  const listen = (name, f) => pad.addEventListener(name, f, { signal: fig.signal });
  const write = (index, value) => {
    const values = [...fig.get(key)];
    values[index] = chart.y.clamp(Number(value.toPrecision(3)));
    fig.set({ [key]: values });
  };
  const fromEvent = (event) => {
    const frame = chart.picture.getBoundingClientRect();
    const n = fig.get(key).length;
    const index = Math.min(Math.max(Math.round(chart.x.invert(event.clientX - frame.left)) - 1, 0), n - 1);
    const value = chart.y.invert(event.clientY - frame.top);
    const values = [...fig.get(key)];
    const [from, to] = last === null ? [index, index] : [Math.min(last, index), Math.max(last, index)];
    for (let i = from; i <= to; i++) values[i] = chart.y.clamp(Number(value.toPrecision(3)));
    [chosen, last] = [index, index];
    fig.set({ [key]: values });
  };
  listen("pointerdown", (event) => {
    event.preventDefault();
    pad.focus();
    pad.setPointerCapture(event.pointerId);
    last = null;
    fromEvent(event);
  });
  listen("pointermove", (event) => pad.hasPointerCapture(event.pointerId) && fromEvent(event));
  listen("keydown", (event) => {
    const n = fig.get(key).length;
    const size = (event.shiftKey ? 0.1 : 0.02) * (chart.y.domain[1] - chart.y.domain[0]);
    const value = fig.get(key)[chosen];
    if (event.key === "ArrowLeft") chosen = Math.max(0, chosen - 1);
    else if (event.key === "ArrowRight") chosen = Math.min(n - 1, chosen + 1);
    else if (event.key === "ArrowUp") write(chosen, value + size);
    else if (event.key === "ArrowDown") write(chosen, value - size);
    else return;
    event.preventDefault();
    fig.refresh();
  });
  fig.watch(() => {
    const value = fig.get(key)[chosen];
    cursor.setAttribute("d", `M${chart.x(chosen + 1).toFixed(1)} ${chart.y(chart.y.domain[0]).toFixed(1)}V${chart.y(chart.y.domain[1]).toFixed(1)}`);
    pad.setAttribute("aria-valuenow", value);
    pad.setAttribute("aria-valuetext", `value ${chosen + 1} of ${fig.get(key).length}: ${num(value)}`);
  });
}

// A pixel as a data coordinate with three significant digits of the chart's span.
function tidy(axis, pixel) {
  const value = axis.invert(pixel);
  if (axis.log) return Number(value.toPrecision(3));
  const unit = 10 ** (Math.floor(Math.log10(axis.domain[1] - axis.domain[0])) - 2);
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}
