// The update rules of lib/rules.py, line by line, on plain arrays of numbers:
//
//   [w, s] = rule(w, g, s, { lr, ... })
//
// A test runs both on the same gradients and compares them to twelve digits.

export const START = { t: 0, m: 0, v: 0 };

const at = (a, i) => (typeof a === "number" ? a : a[i]);
const map = (f, ...arrays) => arrays[0].map((_, i) => f(...arrays.map((a) => at(a, i))));

export const ewa = (avg, x, beta) => beta * avg + (1 - beta) * x;
export const biasCorrection = (avg, beta, t) => avg / (1 - beta ** t);

export function sgd(w, g, s, { lr }) {
  return [map((w, g) => w - lr * g, w, g), { t: s.t + 1, m: 0, v: 0 }];
}

export function momentum(w, g, s, { lr, beta = 0.9 }) {
  const m = map((g, m) => beta * m + g, g, s.m);
  return [map((w, m) => w - lr * m, w, m), { t: s.t + 1, m, v: 0 }];
}

export function averaged_momentum(w, g, s, { lr, beta = 0.9 }) {
  const m = map((g, m) => ewa(m, g, beta), g, s.m);
  return [map((w, m) => w - lr * m, w, m), { t: s.t + 1, m, v: 0 }];
}

export function nesterov(w, g, s, { lr, beta = 0.9 }) {
  const m = map((g, m) => beta * m + g, g, s.m);
  return [map((w, g, m) => w - lr * (g + beta * m), w, g, m), { t: s.t + 1, m, v: 0 }];
}

export function adagrad(w, g, s, { lr, eps = 1e-10 }) {
  const v = map((g, v) => v + g ** 2, g, s.v);
  return [map((w, g, v) => w - (lr * g) / (Math.sqrt(v) + eps), w, g, v), { t: s.t + 1, m: 0, v }];
}

export function adadelta(w, g, s, { lr, beta = 0.9, eps = 1e-6 }) {
  const v = map((g, v) => ewa(v, g ** 2, beta), g, s.v);
  const d = map((g, v, m) => (Math.sqrt(m + eps) / Math.sqrt(v + eps)) * g, g, v, s.m);
  const m = map((d, m) => ewa(m, d ** 2, beta), d, s.m);
  return [map((w, d) => w - lr * d, w, d), { t: s.t + 1, m, v }];
}

export function rmsprop(w, g, s, { lr, beta = 0.99, eps = 1e-8, eps_inside = false, centered = false }) {
  const v = map((g, v) => ewa(v, g ** 2, beta), g, s.v);
  const m = centered ? map((g, m) => ewa(m, g, beta), g, s.m) : 0;
  const variance = centered ? map((v, m) => Math.max(v - m ** 2, 0), v, m) : v;
  const size = (x) => (eps_inside ? Math.sqrt(x + eps) : Math.sqrt(x) + eps);
  return [map((w, g, x) => w - (lr * g) / size(x), w, g, variance), { t: s.t + 1, m, v }];
}

export function adam(w, g, s, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, correct = true }) {
  const t = s.t + 1;
  const m = map((g, m) => ewa(m, g, beta1), g, s.m);
  const v = map((g, v) => ewa(v, g ** 2, beta2), g, s.v);
  const mHat = correct ? map((m) => biasCorrection(m, beta1, t), m) : m;
  const vHat = correct ? map((v) => biasCorrection(v, beta2, t), v) : v;
  return [map((w, m, v) => w - (lr * m) / (Math.sqrt(v) + eps), w, mHat, vHat), { t, m, v }];
}

export function adamax(w, g, s, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) {
  const t = s.t + 1;
  const m = map((g, m) => ewa(m, g, beta1), g, s.m);
  const v = map((g, v) => Math.max(beta2 * v, Math.abs(g) + eps), g, s.v);
  return [map((w, m, v) => w - lr * (v > 0 ? biasCorrection(m, beta1, t) / v : 0), w, m, v), { t, m, v }];
}

export function nadam(w, g, s, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, psi = 0.004 }) {
  const t = s.t + 1;
  const m = map((g, m) => ewa(m, g, beta1), g, s.m);
  const v = map((g, v) => ewa(v, g ** 2, beta2), g, s.v);
  const mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi));
  const muNext = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi));
  const product = (s.product ?? 1) * mu;
  const step = map((g, m) => (muNext * m) / (1 - product * muNext) + ((1 - mu) * g) / (1 - product), g, m);
  return [map((w, d, v) => w - (lr * d) / (Math.sqrt(biasCorrection(v, beta2, t)) + eps), w, step, v), { t, m, v, product }];
}

export function amsgrad(w, g, s, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) {
  const t = s.t + 1;
  const m = map((g, m) => ewa(m, g, beta1), g, s.m);
  const v = map((g, v) => ewa(v, g ** 2, beta2), g, s.v);
  const v_max = map((v, top) => Math.max(top, v), v, s.v_max ?? 0);
  return [
    map((w, m, v) => w - (lr * biasCorrection(m, beta1, t)) / (Math.sqrt(biasCorrection(v, beta2, t)) + eps), w, m, v_max),
    { t, m, v, v_max },
  ];
}

export function adamw(w, g, s, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0.01 }) {
  const t = s.t + 1;
  const m = map((g, m) => ewa(m, g, beta1), g, s.m);
  const v = map((g, v) => ewa(v, g ** 2, beta2), g, s.v);
  const step = (m, v) => (lr * biasCorrection(m, beta1, t)) / (Math.sqrt(biasCorrection(v, beta2, t)) + eps);
  return [map((w, m, v) => (1 - lr * decay) * w - step(m, v), w, m, v), { t, m, v }];
}

export function lion(w, g, s, { lr, beta1 = 0.9, beta2 = 0.99, decay = 0 }) {
  const direction = map((g, m) => Math.sign(ewa(m, g, beta1)), g, s.m);
  const m = map((g, m) => ewa(m, g, beta2), g, s.m);
  return [map((w, d) => (1 - lr * decay) * w - lr * d, w, direction), { t: s.t + 1, m, v: 0 }];
}

export const rules = { sgd, momentum, averaged_momentum, nesterov, adagrad, adadelta, rmsprop, adam, adamax, nadam, amsgrad, adamw, lion };

// The first n + 1 points of a path: { w: [[...], ...], good: how many are finite }.
export function descend(grad, w, rule, options, n) {
  const path = [w];
  let s = START;
  for (let t = 0; t < n; t++) {
    [w, s] = rule(w, grad(w, t), s, options);
    if (!w.every(Number.isFinite)) break;
    path.push(w);
  }
  return path;
}
