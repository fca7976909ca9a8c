// A chart drawn anew in every frame: line("name", xs, ys) makes the path or moves it; what is not
// drawn again in a frame disappears. Coordinates are data; the SVG is as wide as its column, its
// height fixed (`height`), a share of the width (`aspect`, up to `height`), or such that a unit is
// as long upwards as sideways (`square`).

import { h, s, uid, write } from "./dom.js";
import { tidy } from "./format.js";
import { scale } from "./scale.js";
import { contourPath, paintHeat } from "./surface.js";

const FAR = 1e5; // pixels: what leaves the chart is drawn to here and no further

export function plot(parent, { x, y, label, height, aspect, square, margin = {} }) {
  const m = { left: y.label ? 62 : 44, right: 18, top: 10, bottom: x.label ? 42 : 26, ...margin };
  const clip = uid("clip");
  const canvas = h("canvas", { class: "dfig-heat", "aria-hidden": "true" });
  const clipRect = s("rect", {});
  const axes = s("g", { class: "dfig-axes" });
  const marks = s("g", { "clip-path": `url(#${clip})` });
  const notes = s("g", {});
  const handles = s("g", {});
  const picture = s("svg", { class: "dfig-plot", role: "group", "aria-label": label },
    s("defs", {}, s("clipPath", { id: clip }, clipRect)), axes, marks, notes, handles);
  const box = h("div", { class: "dfig-box" }, canvas, picture);
  parent.append(box);

  const chart = { box, picture, handles };
  const items = new Map();
  let touched = new Set();
  let drawnHeat = null;
  let wantedHeat = null;

  chart.domain = (dx, dy) => {
    chart.x = scale({ ...x, domain: dx || chart.x.domain });
    chart.y = scale({ ...y, domain: dy || chart.y.domain });
    chart.resize(chart.width || 600);
  };

  chart.resize = (width) => {
    chart.width = width;
    chart.height = square ? squareHeight(width) : aspect ? Math.min(Math.max(width * aspect, 180), height || 460) : height || 300;
    chart.x.range([m.left, width - m.right]);
    chart.y.range([chart.height - m.bottom, m.top]);
    picture.setAttribute("viewBox", `0 0 ${width} ${chart.height}`);
    picture.setAttribute("width", width);
    picture.setAttribute("height", chart.height);
    const [w, t] = [width - m.left - m.right, chart.height - m.top - m.bottom];
    for (const [name, value] of Object.entries({ x: m.left, y: m.top, width: w, height: t })) clipRect.setAttribute(name, value);
    Object.assign(canvas.style, { left: `${m.left}px`, top: `${m.top}px`, width: `${w}px`, height: `${t}px` });
    drawAxes(axes, chart, x, y, m);
    drawnHeat = null;
  };

  function squareHeight(width) {
    const share = (chart.y.domain[1] - chart.y.domain[0]) / (chart.x.domain[1] - chart.x.domain[0]);
    return (width - m.left - m.right) * share + m.top + m.bottom;
  }

  chart.begin = () => {
    touched = new Set();
    wantedHeat = null;
  };
  chart.end = () => {
    for (const [key, { node }] of items) if (!touched.has(key)) node.remove(), items.delete(key);
    canvas.hidden = !wantedHeat;
    if (wantedHeat && wantedHeat.key !== drawnHeat) {
      paintHeat(canvas, chart, wantedHeat);
      drawnHeat = wantedHeat.key;
    }
  };

  function keep(key, name, layer, attributes, text) {
    let item = items.get(key);
    if (!item) {
      item = { node: s(name, {}), drawn: {} };
      items.set(key, item);
      layer.append(item.node);
    }
    touched.add(key);
    for (const attribute in attributes) if (item.drawn[attribute] !== attributes[attribute]) item.node.setAttribute(attribute, attributes[attribute]);
    item.drawn = attributes;
    if (text !== undefined) write(item.node, text);
  }

  const at = (u, v) => [near(chart.x(u)), near(chart.y(v))];

  // xs, ys: arrays of data coordinates; a value that is not finite breaks the line.
  chart.line = (key, xs, ys, { color = "blue", width = 2, dash, fill, opacity } = {}) => {
    let d = "";
    let pen = "M";
    for (let i = 0; i < xs.length; i++) {
      const [px, py] = at(xs[i], ys[i]);
      if (Number.isNaN(px) || Number.isNaN(py)) {
        pen = "M";
        continue;
      }
      d += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
      pen = "L";
    }
    keep(`line ${key}`, "path", marks, { d, class: `dfig-line ink-${color}${fill ? " filled" : ""}`, "stroke-width": width, "stroke-dasharray": dash || "none", opacity: opacity ?? 1 });
  };

  // One dot for each point, all in one path (a round cap on a segment of no length).
  chart.dots = (key, xs, ys, { color = "blue", size = 6, opacity } = {}) => {
    let d = "";
    for (let i = 0; i < xs.length; i++) {
      const [px, py] = at(xs[i], ys[i]);
      if (!Number.isNaN(px) && !Number.isNaN(py)) d += `M${px.toFixed(1)} ${py.toFixed(1)}h0`;
    }
    keep(`dots ${key}`, "path", marks, { d, class: `dfig-dots ink-${color}`, "stroke-width": size, opacity: opacity ?? 1 });
  };

  // Bars from `base` to ys[i], `width` in data units of x (linear axes).
  chart.bars = (key, xs, ys, { color = "blue", width = 0.8, base = 0, opacity } = {}) => {
    let d = "";
    for (let i = 0; i < xs.length; i++) {
      const [l, top] = at(xs[i] - width / 2, ys[i]);
      const [r, bottom] = at(xs[i] + width / 2, base);
      if (!Number.isNaN(top)) d += `M${l.toFixed(1)} ${bottom.toFixed(1)}V${top.toFixed(1)}H${r.toFixed(1)}V${bottom.toFixed(1)}Z`;
    }
    keep(`bars ${key}`, "path", marks, { d, class: `dfig-area ink-${color}`, opacity: opacity ?? 1 });
  };

  // A filled band between two curves.
  chart.band = (key, xs, low, high, { color = "blue", opacity = 0.25 } = {}) => {
    const there = xs.map((v, i) => at(v, high[i]));
    const back = xs.map((v, i) => at(v, low[i])).reverse();
    const d = "M" + [...there, ...back].map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L") + "Z";
    keep(`band ${key}`, "path", marks, { d, class: `dfig-area ink-${color}`, opacity });
  };

  chart.text = (key, u, v, text, { color = "text", anchor = "start", dx = 0, dy = 0 } = {}) => {
    const [px, py] = at(u, v);
    keep(`text ${key}`, "text", notes, { x: (px + dx).toFixed(1), y: (py + dy).toFixed(1), class: `dfig-note ink-${color}`, "text-anchor": anchor }, text);
  };

  chart.vline = (key, u, options = {}) => chart.line(key, [u, u], chart.y.domain, { color: "grey", width: 1.5, dash: "4 3", ...options });
  chart.hline = (key, v, options = {}) => chart.line(key, chart.x.domain, [v, v], { color: "grey", width: 1.5, dash: "4 3", ...options });

  // f(x, y) as contour lines at `levels`; `id` names f, so that it is traced only when it changes.
  const traced = new Map();
  chart.contours = (key, f, { id, levels, color = "grey", opacity = 0.6 }) => {
    const stamp = `${id}|${chart.width}|${chart.height}|${chart.x.domain}|${chart.y.domain}`;
    if (traced.get(key)?.stamp !== stamp) traced.set(key, { stamp, d: contourPath(chart, f, levels, m) });
    keep(`contours ${key}`, "path", marks, { d: traced.get(key).d, class: `dfig-line ink-${color}`, "stroke-width": 1, opacity });
  };

  // f(x, y) in [0, 1] as the strength of a colour; `id` as for contours.
  chart.heat = (f, { id, color = "blue" }) => {
    wantedHeat = { f, color, key: `${id}|${color}|${chart.width}|${chart.height}|${chart.x.domain}|${chart.y.domain}` };
  };

  chart.domain(x.domain, y.domain);
  return chart;
}

function near(p) {
  return p > FAR ? FAR : p < -FAR ? -FAR : p;
}

function drawAxes(axes, chart, x, y, m) {
  axes.replaceChildren();
  const right = chart.width - m.right;
  const bottom = chart.height - m.bottom;
  const xt = x.ticks || chart.x.ticks(Math.max(2, (right - m.left) / 80));
  const yt = y.ticks || chart.y.ticks(Math.max(2, (bottom - m.top) / 48));
  let grid = "";
  for (const v of xt) grid += `M${chart.x(v).toFixed(1)} ${m.top}V${bottom}`;
  for (const v of yt) grid += `M${m.left} ${chart.y(v).toFixed(1)}H${right}`;
  axes.append(s("path", { d: grid, class: "dfig-grid" }), s("path", { d: `M${m.left} ${m.top}V${bottom}H${right}`, class: "dfig-frame" }));
  for (const v of xt) axes.append(s("text", { x: chart.x(v).toFixed(1), y: bottom + 16, "text-anchor": "middle" }, (x.names || tidy)(v)));
  for (const v of yt) axes.append(s("text", { x: m.left - 6, y: (chart.y(v) + 4).toFixed(1), "text-anchor": "end" }, (y.names || tidy)(v)));
  if (x.label) axes.append(s("text", { x: (m.left + right) / 2, y: chart.height - 6, "text-anchor": "middle", class: "dfig-axis-label" }, x.label));
  if (y.label) axes.append(s("text", { transform: `translate(13 ${(m.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle", class: "dfig-axis-label" }, y.label));
}
