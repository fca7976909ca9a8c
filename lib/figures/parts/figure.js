// The frame of every figure: charts on top, controls below, a sentence that reports the numbers.
//
//   render({ model, el }) {
//     const fig = figure({ model, el }, { label: "what this figure is" });
//     const chart = fig.plot({ x: { domain: [0, 1] }, y: { domain: [0, 1] } });
//     fig.slider({ key: "lr", label: "learning rate η", min: 0.01, max: 1 });
//     fig.draw(({ lr }) => { chart.line("path", xs, ys); fig.say(`…`); });
//     return fig.close;
//   }
//
// The model is anywidget's or the static host's: get, set, on, off, save_changes.

import * as controls from "./controls.js";
import { h, write } from "./dom.js";
import { plot } from "./plot.js";

export function figure({ model, el }, { label }) {
  const life = new AbortController();
  const stage = h("div", { class: "dfig-stage" });
  const legend = h("ul", { class: "dfig-legend" });
  const panel = h("div", { class: "dfig-controls" });
  const words = h("p", { class: "dfig-words" });
  const spoken = h("p", { class: "dfig-spoken", "aria-live": "polite" });
  const root = h("div", { class: "dfig", role: "group", "aria-label": label }, stage, legend, panel, words, spoken);
  // JupyterLab takes the arrow keys away from sliders unless they stop here
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal: life.signal });
  el.append(root);

  const charts = [];
  const watchers = [];
  const heard = [];
  let drawing = () => {};
  let frame = 0;
  let quiet = 0;
  let sentence = "";
  let said = -250;
  let waiting = 0;
  let dirty = false;
  let legendText = "";

  const fig = { root, stage, panel, signal: life.signal, get: (key) => model.get(key) };
  const values = new Proxy({}, { get: (_, key) => model.get(key) });

  fig.set = (changes) => {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    dirty = true;
    fig.refresh();
  };
  fig.refresh = () => {
    if (!frame) frame = requestAnimationFrame(paint);
  };
  fig.watch = (f) => watchers.push(f);
  fig.draw = (f) => {
    drawing = f;
    paint();
  };
  fig.listen = (...keys) => {
    for (const key of keys) {
      model.on(`change:${key}`, fig.refresh);
      heard.push(key);
    }
  };

  function paint() {
    frame = 0;
    if (resized) fit();
    charts.forEach((chart) => chart.begin());
    drawing(values);
    charts.forEach((chart) => chart.end());
    watchers.forEach((f) => f());
    if (dirty) model.save_changes();
    dirty = false;
  }

  // measured when told, changed with the next frame: a chart's new height must not tell again
  let resized = false;
  const sizes = new ResizeObserver(() => {
    resized = true;
    fig.refresh();
  });
  function fit() {
    resized = false;
    const widths = charts.map((chart) => Math.round(chart.box.clientWidth));
    charts.forEach((chart, i) => widths[i] > 0 && widths[i] !== chart.width && chart.resize(widths[i]));
  }

  fig.plot = (options) => {
    const chart = plot(stage, options);
    charts.push(chart);
    sizes.observe(chart.box);
    const width = Math.round(chart.box.clientWidth);
    if (width > 0) chart.resize(width);
    return chart;
  };

  for (const [name, make] of Object.entries(controls)) {
    if (name === "handle" || name === "sketch") fig[name] = (chart, options) => make(fig, chart, options);
    else
      fig[name] = (options) => {
        if (options.key) fig.listen(options.key);
        return make(fig, options);
      };
  }

  // entries: [color, text] or [color, text, "dashed" | "dots" | "area"]
  fig.legend = (entries) => {
    const text = JSON.stringify(entries);
    if (text === legendText) return;
    legendText = text;
    legend.replaceChildren(...entries.map(([color, name, kind = "solid"]) => h("li", {}, h("span", { class: `dfig-swatch ${kind} ink-${color}` }), name)));
  };

  // The sentence below the figure: four times a second at most, for nobody reads faster; spoken only
  // when the reader pauses.
  fig.say = (text) => {
    if (text === sentence) return;
    sentence = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (spoken.textContent = text), 700);
    if (waiting) return;
    const wait = said + 250 - performance.now();
    if (wait <= 0) tell();
    else {
      words.setAttribute("aria-busy", "true");
      waiting = setTimeout(tell, wait);
    }
  };
  function tell() {
    write(words, sentence);
    if (waiting) words.removeAttribute("aria-busy");
    said = performance.now();
    waiting = 0;
  }

  fig.close = () => {
    life.abort();
    sizes.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(quiet);
    clearTimeout(waiting);
    heard.forEach((key) => model.off(`change:${key}`, fig.refresh));
    root.remove();
  };
  return fig;
}
