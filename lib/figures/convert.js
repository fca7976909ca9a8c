// Twin of lib/conventions/convert.py and walk.py over the same data, which dialects.js is made from.

import { families, libraries, rules, sentences } from "./dialects.js";

const RANGES = {
  rate: [(v) => v > 0 && v < Infinity, "finite numbers > 0"],
  fraction: [(v) => v >= 0 && v < 1, "numbers in [0, 1)"],
  share: [(v) => v > 0 && v <= 1, "numbers in (0, 1]"],
  size: [(v) => v >= 0 && v < Infinity, "finite numbers >= 0"],
};

export const isSwitch = (kind) => kind === "flag" || kind === "choice";

// Six significant digits, as in Python.
export function word(value) {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (value === 0) return "0";
  const [, exponent] = value.toExponential(5).split("e");
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  return value.toExponential(5).replace(/\.?0+e/, "e").replace("e+", "e");
}

// What a library would refuse, in words; undefined if nothing.
export function refused(form, values) {
  for (const [name, , kind] of form.settings) {
    if (isSwitch(kind)) continue;
    const [allows, allowed] = RANGES[kind];
    if (!allows(values[name])) return `${name} is ${Number.isNaN(values[name]) ? "no number" : word(values[name])}; allowed are ${allowed}`;
  }
  if (form.demand && !form.demand[0](values)) return `${form.call}: ${form.demand[1]}`;
  return undefined;
}

const same = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
const tidy = (value) => (typeof value === "boolean" ? value : Number(value.toPrecision(15)));

// The parameters of the normal form that settings amount to.
export const normal = (family, form, values) => ({ ...family.neutral, ...form.normal(values) });

// { settings, notes, reasons }: the settings are equivalent if there are no reasons, else the nearest.
export function convert(source, target, name, values, schedule) {
  const rule = rules[name];
  const family = families[rule.family];
  const none = (...reasons) => ({ settings: null, notes: [], reasons });
  for (const key of [source, target]) if (!rule.dialects[key]) return none(`${libraries[key]} has no ${rule.title}`);
  const other = rule.dialects[target];
  const form = family.simplify(normal(family, rule.dialects[source], values));
  const found = other.back(form);
  const settings = Object.fromEntries(other.settings.map(([key]) => [key, tidy(found[key])]));
  const wrong = refused(other, settings);
  if (wrong) return none(wrong);
  const back = family.simplify(normal(family, other, settings));
  const [reasons, notes] = [[], []];
  for (const [key, [because, only, note]] of Object.entries(family.parameters)) {
    if (same(form[key], back[key])) continue;
    if (only === "note" || (only === "schedule" && !schedule)) notes.push(sentences[note]);
    else reasons.push(fill(sentences[because], { source: libraries[source], target: libraries[target], a: word(form[key]), b: word(back[key]) }));
  }
  return { settings, notes, reasons };
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

// The path of one number under a library's rule: gradient(w), factors of the learning rate.
export function walk(library, name, values, gradient, start, rates) {
  const rule = rules[name];
  const family = families[rule.family];
  const p = normal(family, rule.dialects[library], values);
  let [w, state] = [start, family.start(p)];
  const path = [w];
  rates.forEach((rate, i) => {
    [w, state] = family.step(p, state, w, gradient(w, i), i + 1, rate);
    path.push(w);
  });
  return path;
}
