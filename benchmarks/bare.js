// A figure without the book's parts: the same module and arithmetic, drawn with bare canvas calls
// and moved by bare listeners; no SVG, axes, labels, legend, sentence or names. What `pages.py`
// compares the book's figures with. Loaded between the kit and the figure.

(() => {
  const { modules } = window.Descent;
  const { scale } = modules["parts/scale.js"];
  const { contourPath, paintHeat } = modules["parts/surface.js"];
  const INK = { blue: "#0072b2", orange: "#b45f06", green: "#00785a", red: "#b3261e", purple: "#5e2080", grey: "#6b7280", text: "#000" };
  const POSITIONS = 500;

  function figure({ model, el }) {
    const stage = document.createElement("div");
    stage.className = "dfig-stage";
    const panel = document.createElement("div");
    panel.className = "dfig-controls";
    el.append(stage, panel);
    const charts = [];
    let [draw, frame] = [() => {}, 0];
    const values = new Proxy({}, { get: (_, key) => model.get(key) });
    const paint = () => {
      frame = 0;
      charts.forEach((chart) => chart.begin());
      draw(values);
    };
    const fig = { get: (key) => model.get(key), choice() {}, toggle() {}, snap() {}, legend() {}, say() {}, listen() {}, close() {} };
    fig.set = (changes) => {
      for (const [key, value] of Object.entries(changes)) model.set(key, value);
      if (!frame) frame = requestAnimationFrame(paint);
    };
    fig.draw = (f) => {
      draw = f;
      paint();
    };
    fig.plot = (options) => {
      charts.push(canvasChart(stage, options));
      return charts.at(-1);
    };
    fig.slider = ({ key, min, max, log = false, step, digits = 3 }) => {
      const input = Object.assign(document.createElement("input"), { type: "range", min: 0, max: POSITIONS });
      const [a, b] = log ? [Math.log(min), Math.log(max)] : [min, max];
      input.step = step ? (step / (max - min)) * POSITIONS : 1;
      input.value = (((log ? Math.log(model.get(key)) : model.get(key)) - a) / (b - a)) * POSITIONS;
      input.addEventListener("input", () => {
        const raw = a + ((b - a) * Number(input.value)) / POSITIONS;
        fig.set({ [key]: step ? min + Math.round((raw - min) / step) * step : Number((log ? Math.exp(raw) : raw).toPrecision(digits)) });
      });
      panel.append(input);
    };
    const drag = (chart, name, from, to) => {
      const { canvas } = chart;
      canvas.classList.add(name);
      canvas.dataset.at = from();
      let held = false;
      canvas.addEventListener("pointerdown", () => (held = true));
      canvas.addEventListener("pointermove", (event) => held && to(event.offsetX, event.offsetY));
      window.addEventListener("pointerup", () => (held = false));
    };
    fig.handle = (chart, { get, set, free = "xy" }) =>
      drag(chart, "dfig-handle", () => [chart.x(get()[0]), chart.y(get()[1])], (px, py) => {
        const [x, y] = get();
        set(free.includes("x") ? chart.x.clamp(chart.x.invert(px)) : x, free.includes("y") ? chart.y.clamp(chart.y.invert(py)) : y);
      });
    fig.sketch = (chart, { key }) =>
      drag(chart, "dfig-sketch", () => [chart.canvas.width / 2, chart.canvas.height / 2], (px, py) => {
        const series = [...model.get(key)];
        series[Math.min(Math.max(Math.round(chart.x.invert(px)) - 1, 0), series.length - 1)] = chart.y.clamp(chart.y.invert(py));
        fig.set({ [key]: series });
      });
    return fig;
  }

  function canvasChart(stage, { x, y, height = 300, aspect, square }) {
    const canvas = document.createElement("canvas");
    stage.append(canvas);
    const width = Math.round(canvas.parentElement.clientWidth / 2);
    canvas.width = width;
    canvas.height = square ? width : aspect ? Math.min(width * aspect, height) : height;
    const context = canvas.getContext("2d");
    const chart = { canvas, box: canvas, width, height: canvas.height };
    chart.domain = (dx, dy) => {
      [chart.x, chart.y] = [scale({ ...x, domain: dx || chart.x.domain }), scale({ ...y, domain: dy || chart.y.domain })];
      chart.x.range([0, width]);
      chart.y.range([canvas.height, 0]);
    };
    chart.domain(x.domain, y.domain);
    chart.begin = () => context.clearRect(0, 0, width, canvas.height);
    const stroke = (path, { color = "blue", width: line = 2 }) => {
      context.strokeStyle = INK[color];
      context.lineWidth = line;
      context.stroke(path);
    };
    const fill = (path, { color = "blue", opacity = 1 }) => {
      context.fillStyle = INK[color];
      context.globalAlpha = opacity;
      context.fill(path);
      context.globalAlpha = 1;
    };
    chart.line = (_, xs, ys, options = {}) => {
      const path = new Path2D();
      for (let i = 0; i < xs.length; i++) path.lineTo(chart.x(xs[i]), chart.y(ys[i]));
      stroke(path, options);
    };
    chart.dots = (_, xs, ys, { color, size = 6 } = {}) => {
      const path = new Path2D();
      for (let i = 0; i < xs.length; i++) {
        const [px, py] = [chart.x(xs[i]), chart.y(ys[i])];
        path.moveTo(px, py);
        path.arc(px, py, size / 2, 0, 7);
      }
      fill(path, { color });
    };
    chart.bars = (_, xs, ys, { color, width: bar = 0.8, base = 0, opacity } = {}) => {
      const path = new Path2D();
      for (let i = 0; i < xs.length; i++) {
        const [left, top] = [chart.x(xs[i] - bar / 2), chart.y(ys[i])];
        path.rect(left, top, chart.x(xs[i] + bar / 2) - left, chart.y(base) - top);
      }
      fill(path, { color, opacity });
    };
    chart.band = (_, xs, low, high, { color, opacity = 0.25 } = {}) => {
      const path = new Path2D();
      for (let i = 0; i < xs.length; i++) path.lineTo(chart.x(xs[i]), chart.y(high[i]));
      for (let i = xs.length - 1; i >= 0; i--) path.lineTo(chart.x(xs[i]), chart.y(low[i]));
      fill(path, { color, opacity });
    };
    chart.text = (_, u, v, text, { color = "text" } = {}) => {
      context.fillStyle = INK[color];
      context.fillText(text, chart.x(u), chart.y(v));
    };
    chart.vline = (key, u, options) => chart.line(key, [u, u], chart.y.domain, { color: "grey", ...options });
    chart.hline = (key, v, options) => chart.line(key, chart.x.domain, [v, v], { color: "grey", ...options });
    // traced and painted only when they change, as in the book
    const traced = new Map();
    chart.contours = (key, f, { id, levels }) => {
      const stamp = `${id}|${chart.x.domain}|${chart.y.domain}`;
      if (traced.get(key)?.stamp !== stamp) traced.set(key, { stamp, path: new Path2D(contourPath(chart, f, levels)) });
      stroke(traced.get(key).path, { color: "grey", width: 1 });
    };
    const heat = document.createElement("canvas");
    let painted = null;
    chart.heat = (f, { id, color = "blue" }) => {
      const stamp = `${id}|${color}|${chart.x.domain}|${chart.y.domain}`;
      if (painted !== stamp) paintHeat(heat, chart, { f, color });
      painted = stamp;
      context.drawImage(heat, 0, 0, width, canvas.height);
    };
    return chart;
  }

  modules["parts/figure.js"] = { figure };
})();
