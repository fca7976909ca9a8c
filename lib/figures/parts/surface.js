// Functions of two variables: contour lines by marching squares, and a heat map on a small canvas.

function grid(chart, f, nx, ny) {
  const [x0, x1] = [chart.x(chart.x.domain[0]), chart.x(chart.x.domain[1])];
  const [y0, y1] = [chart.y(chart.y.domain[0]), chart.y(chart.y.domain[1])];
  const px = Array.from({ length: nx }, (_, i) => x0 + ((x1 - x0) * i) / (nx - 1));
  const py = Array.from({ length: ny }, (_, j) => y0 + ((y1 - y0) * j) / (ny - 1));
  const values = py.map((q) => px.map((p) => f(chart.x.invert(p), chart.y.invert(q))));
  return { px, py, values };
}

// In each cell, the segments between the edges that a level crosses.
export function contourPath(chart, f, levels) {
  const { px, py, values } = grid(chart, f, 81, 61);
  let d = "";
  for (let j = 0; j + 1 < py.length; j++) {
    for (let i = 0; i + 1 < px.length; i++) {
      const corner = [values[j][i], values[j][i + 1], values[j + 1][i + 1], values[j + 1][i]];
      const low = Math.min(...corner);
      const high = Math.max(...corner);
      for (const level of levels) {
        if (!(low < level && level <= high)) continue;
        const xs = [px[i], px[i + 1], px[i + 1], px[i]];
        const ys = [py[j], py[j], py[j + 1], py[j + 1]];
        const cuts = [];
        for (let e = 0; e < 4; e++) {
          const n = (e + 1) % 4;
          if (corner[e] < level === corner[n] < level) continue;
          const r = (level - corner[e]) / (corner[n] - corner[e]);
          cuts.push(`${(xs[e] + r * (xs[n] - xs[e])).toFixed(1)} ${(ys[e] + r * (ys[n] - ys[e])).toFixed(1)}`);
        }
        for (let c = 0; c + 1 < cuts.length; c += 2) d += `M${cuts[c]}L${cuts[c + 1]}`;
      }
    }
  }
  return d;
}

// One hue whose opacity is the value: it holds on a light and on a dark page.
export function paintHeat(canvas, chart, { f, color }) {
  const [nx, ny] = [120, 90];
  const { values } = grid(chart, f, nx, ny);
  canvas.width = nx;
  canvas.height = ny;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(nx, ny);
  const [r, g, b] = { blue: [42, 130, 200], orange: [214, 130, 30], grey: [128, 136, 150] }[color];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const at = 4 * ((ny - 1 - j) * nx + i);
      const value = values[j][i];
      pixels.data.set([r, g, b, Number.isFinite(value) ? Math.round(215 * Math.min(Math.max(value, 0), 1)) : 0], at);
    }
  }
  context.putImageData(pixels, 0, 0);
}
