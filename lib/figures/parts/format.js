// Numbers as a reader expects them: 0.0312, 1 250, 3.1 × 10⁻⁷, −2, "diverges".

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

export const DIVERGED = 1e12;

export function power(exponent) {
  return "10" + String(exponent).replace(/[-0-9]/g, (c) => RAISED[c]);
}

// `digits` significant digits; anything beyond DIVERGED or not finite is said in a word.
export function num(value, digits = 3) {
  if (!Number.isFinite(value) || Math.abs(value) > DIVERGED) return "diverges";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
  if (size < -3 || size > 5) {
    let [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${mantissa.replace("-", "−")}\u00a0×\u00a0${power(Number(exponent))}`;
  }
  const text = value.toPrecision(digits);
  const plain = text.includes("e") ? String(Number(text)) : text;
  return plain.replace("-", "−");
}

export const percent = (share) => `${num(100 * share)}\u00a0%`;

// The same without trailing zeros, for ticks and labels.
export function tidy(value) {
  const rounded = Number(value.toPrecision(12));
  const size = rounded === 0 ? 0 : Math.floor(Math.log10(Math.abs(rounded)) + 1e-12);
  if (size < -3 || size > 4) {
    const [mantissa, exponent] = rounded.toExponential().split("e");
    return mantissa === "1" ? power(Number(exponent)) : `${mantissa}·${power(Number(exponent))}`;
  }
  return String(rounded).replace("-", "−");
}
