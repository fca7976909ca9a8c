// The closed forms of lib/theory that figures draw. A test compares both on random arguments.

export const gdFactor = (lr, lam) => 1 - lr * lam;
export const gdRate = (lr, lams) => Math.max(...lams.map((lam) => Math.abs(gdFactor(lr, lam))));
export const maxLr = (lams) => 2 / Math.max(...lams);
export const optimalLr = (lams) => 2 / (Math.min(...lams) + Math.max(...lams));
export const lineSearchRate = (kappa) => ((kappa - 1) / (kappa + 1)) ** 2;

// Roots of z² − (1 + β − ηλ) z + β: [[re, im], [re, im]], the larger first.
export function momentumRoots(lr, beta, lam) {
  const b = 1 + beta - lr * lam;
  const d = b * b - 4 * beta;
  if (d < 0) {
    const im = Math.sqrt(-d) / 2;
    return [[b / 2, im], [b / 2, -im]];
  }
  const big = (b + (b < 0 ? -1 : 1) * Math.sqrt(d)) / 2;
  return [[big, 0], [big === 0 ? 0 : beta / big, 0]];
}

export function momentumRate(lr, beta, lams) {
  return Math.max(...lams.map((lam) => Math.hypot(...momentumRoots(lr, beta, lam)[0])));
}

export function momentumOptimum(lams) {
  const [low, high] = [Math.sqrt(Math.min(...lams)), Math.sqrt(Math.max(...lams))];
  return { lr: (2 / (low + high)) ** 2, beta: ((high - low) / (high + low)) ** 2 };
}

export const criticalBeta = (lr, lam) => (1 - Math.sqrt(lr * lam)) ** 2;

// One step of (m, x) for one mode of momentum: m ← βm + λx, x ← x − ηm.
export function momentumStep([m, x], lr, beta, lam) {
  const next = beta * m + lam * x;
  return [next, x - lr * next];
}

export function chebyshevLrs(low, high, steps) {
  return Array.from({ length: steps }, (_, k) => 2 / (high + low - (high - low) * Math.cos(((2 * k + 1) * Math.PI) / (2 * steps))));
}

export function chebyshevBound(kappa, steps) {
  const rho = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
  return (2 * rho ** steps) / (1 + rho ** (2 * steps));
}

// Variance of a mode in the long run under gradient noise of standard deviation s.
export function momentumVariance(lr, beta, lam, s) {
  return (lr * s * s * (1 + beta)) / (lam * (1 - beta) * (2 * (1 + beta) - lr * lam));
}
