// The losses of lib/problems that figures descend. A test compares values and gradients.

export function valley({ flat = 0.04, steep = 1, bend = 1 } = {}) {
  const off = ([x, y]) => y - bend * (1 - Math.cos(x));
  return {
    loss: (w) => 0.5 * flat * w[0] ** 2 + 0.5 * steep * off(w) ** 2,
    grad: (w) => [flat * w[0] - steep * off(w) * bend * Math.sin(w[0]), steep * off(w)],
  };
}

// ½ wᵀAw with the given eigenvalues, the first eigenvector turned by `degrees`.
export function rotated([a, b], degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const modes = ([x, y]) => [c * x + s * y, c * y - s * x];
  const back = ([p, q]) => [c * p - s * q, s * p + c * q];
  return {
    modes,
    back,
    loss: (w) => {
      const [p, q] = modes(w);
      return 0.5 * (a * p * p + b * q * q);
    },
    grad: (w) => {
      const [p, q] = modes(w);
      return back([a * p, b * q]);
    },
  };
}

export function rosenbrock({ a = 1, b = 100 } = {}) {
  return {
    loss: ([x, y]) => (a - x) ** 2 + b * (y - x * x) ** 2,
    grad: ([x, y]) => [-2 * (a - x) - 4 * b * x * (y - x * x), 2 * b * (y - x * x)],
  };
}

export const saddle = {
  loss: ([x, y]) => 0.5 * x ** 2 - 0.5 * y ** 2 + 0.25 * y ** 4,
  grad: ([x, y]) => [x, y ** 3 - y],
};

export const lessardSlope = (x) => (x < 1 ? 25 * x : x < 2 ? x + 24 : 25 * x - 24);
