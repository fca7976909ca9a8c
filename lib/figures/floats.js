// Arithmetic that rounds after every operation, and softmax with cross-entropy in it.

// To the nearest number of a format, ties to even.
export const rounding = {
  float64: (x) => x,
  float32: Math.fround,
  float16(x) {
    const unit = 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 10, -24);
    const even = 1.5 * 2 ** 52;
    return Math.abs(x) < 65520 ? (x / unit + even - even) * unit : Math.sign(x) * Infinity;
  },
};

// Softmax and cross-entropy of scores z for class y, `r` rounding every operation.
const shifted = (z, r) => z.map((v) => r(v - Math.max(...z)));
const total = (z, r) => z.map((v) => r(Math.exp(v))).reduce((a, b) => r(a + b));
export const softmax = (z, r = rounding.float64, u = shifted(z, r)) => u.map((v) => r(r(Math.exp(v)) / total(u, r)));
export const crossEntropy = (z, y, r = rounding.float64, u = shifted(z, r)) => r(r(Math.log(total(u, r))) - u[y]);
