// From data to pixels and back, linear or logarithmic, with ticks at round numbers.

export function scale({ domain, log = false }) {
  const forward = log ? Math.log10 : (v) => v;
  const back = log ? (v) => 10 ** v : (v) => v;
  let range = [0, 1];
  const [a, b] = domain.map(forward);
  const map = (v) => range[0] + ((forward(v) - a) / (b - a)) * (range[1] - range[0]);
  map.invert = (p) => back(a + ((p - range[0]) / (range[1] - range[0])) * (b - a));
  map.range = (r) => (range = r);
  map.clamp = (v) => Math.min(Math.max(v, Math.min(...domain)), Math.max(...domain));
  map.domain = domain;
  map.log = log;
  map.ticks = (n) => (log ? decades(a, b, n) : round(domain[0], domain[1], n));
  return map;
}

function round(from, to, n) {
  const raw = (to - from) / Math.max(n, 1);
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((m) => m * base >= raw * 0.999) * base;
  const ticks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function decades(a, b, n) {
  const every = Math.max(1, Math.ceil((b - a) / n));
  const ticks = [];
  for (let e = Math.ceil(a - 1e-9); e <= b + 1e-9; e++) if (e % every === 0) ticks.push(10 ** e);
  return ticks;
}
