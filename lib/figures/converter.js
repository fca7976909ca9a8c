// From the settings of one library to those of another: type, read the equivalent ones or why there are none.

import { convert, isSwitch, refused, walk, word } from "./convert.js";
import { libraries, rules } from "./dialects.js";
import { h, uid } from "./parts/dom.js";
import { figure } from "./parts/figure.js";

const [STEPS, DROP, CURVATURE] = [60, 30, 1];
const gradient = (w) => CURVATURE * w;

// Defaults of a dialect, and the usual numbers where it has none.
const USUAL = { rate: 0.1, fraction: 0.9, share: 0.1, size: 0 };
export const first = (form) => Object.fromEntries(form.settings.map(([key, value, kind]) => [key, value ?? USUAL[kind]]));

// The numbers of `values` under the names of another form, by place among those of their kind.
export function sameNumbers(form, other, values) {
  const left = form.settings.map(([key, , kind]) => [kind, values[key]]);
  return Object.fromEntries(
    Object.entries(first(other)).map(([key, value], i) => {
      const kind = other.settings[i][2];
      const at = left.findIndex(([k]) => k === kind || (isSwitch(k) && isSwitch(kind)));
      return [key, at < 0 ? value : left.splice(at, 1)[0][1]];
    }),
  );
}

const written = (form, values) =>
  `${form.call}: ${form.settings.map(([key]) => [key, values[key]]).map(([key, v]) => `${key} = ${typeof v === "boolean" ? (v ? "True" : "False") : word(v)}`).join(", ")}`;

export default {
  render(host) {
    const fig = figure(host, { label: "Converter between the conventions of libraries" });
    const chart = fig.plot({
      x: { domain: [0, STEPS], label: "step t" },
      y: { domain: [-1.2, 1.2], label: "w" },
      label: "Two paths on f(w) = w²/2 from w = 1",
      height: 240,
    });
    const answer = h("div", { class: "dfig-answer" });
    fig.root.insertBefore(h("div", { class: "dfig-form" }), fig.stage);
    const form = fig.root.querySelector(".dfig-form");
    const fields = h("fieldset", { class: "dfig-fields" }, h("legend", {}, "its settings"));
    const rule = () => rules[fig.get("rule")];
    const on = (node, name, f) => node.addEventListener(name, f, { signal: fig.signal });

    const select = (key, label, entries, set) => {
      const id = uid(key);
      const box = h("select", { id });
      on(box, "change", () => set(box.value));
      form.append(h("div", { class: "dfig-select" }, h("label", { for: id }, label), box));
      let shown = "";
      fig.watch(() => {
        const list = entries();
        if (shown !== list.join()) box.replaceChildren(...list.map(([value, text]) => h("option", { value }, text)));
        shown = list.join();
        box.value = fig.get(key);
      });
      fig.listen(key);
    };
    const who = () => Object.keys(rule().dialects).map((key) => [key, libraries[key]]);
    select("rule", "rule", () => Object.entries(rules).map(([key, { title }]) => [key, title]), (name) => {
      const known = rules[name].dialects;
      const [source, target] = ["source", "target"].map((key) => (known[fig.get(key)] ? fig.get(key) : key === "source" ? "pytorch" : "ours"));
      const from = known[source] ? source : "keras";
      fig.set({ rule: name, source: from, target, settings: first(known[from]) });
    });
    select("source", "from", who, (source) => fig.set({ source, settings: first(rule().dialects[source]) }));
    select("target", "to", who, (target) => fig.set({ target }));
    fig.root.insertBefore(fields, fig.stage);
    fig.root.insertBefore(answer, fig.stage);
    fig.slider({ key: "late", label: `learning rate after step ${DROP}, times`, min: 0.1, max: 1, log: true });
    fig.snap({
      label: "turn round",
      to: () => {
        const { settings } = convert(fig.get("source"), fig.get("target"), fig.get("rule"), fig.get("settings"), false);
        const target = rule().dialects[fig.get("target")];
        return { source: fig.get("target"), target: fig.get("source"), settings: settings || first(target) };
      },
    });
    fig.listen("settings");

    // one field for each setting; made again only when another dialect is chosen, so that the caret stays
    let inputs = {};
    let made = "";
    const fill = () => {
      const key = `${fig.get("rule")} ${fig.get("source")}`;
      if (made === key) return;
      made = key;
      inputs = {};
      const rows = rule().dialects[fig.get("source")].settings.map(([name, , kind]) => {
        const id = uid(name);
        const input = isSwitch(kind) ? h("input", { id, type: "checkbox" }) : h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
        on(input, isSwitch(kind) ? "change" : "input", () =>
          fig.set({ settings: { ...fig.get("settings"), [name]: isSwitch(kind) ? input.checked : Number(input.value.trim() || NaN) } }));
        inputs[name] = input;
        return h("div", { class: "dfig-field" }, h("label", { for: id }, name), input);
      });
      fields.replaceChildren(fields.firstChild, ...rows);
    };
    const show = () => {
      for (const [name, input] of Object.entries(inputs)) {
        const value = fig.get("settings")[name];
        if (input.type === "checkbox") input.checked = value;
        else if (document.activeElement !== input || made !== input.dataset.of) input.value = Number.isNaN(value) ? input.value : String(value);
        input.dataset.of = made;
      }
    };

    fig.draw(({ rule: name, source, target, settings, late }) => {
      fill();
      show();
      const { dialects } = rules[name];
      const rates = Array.from({ length: STEPS }, (_, i) => (i < DROP ? 1 : late));
      const wrong = refused(dialects[source], settings);
      Object.entries(inputs).forEach(([key, input]) => input.setAttribute("aria-invalid", Boolean(wrong && wrong.startsWith(`${key} `))));
      const draw = (id, library, values, style) => {
        const all = values ? walk(library, name, values, gradient, 1, rates) : [];
        const out = all.findIndex((w) => !(Math.abs(w) < 3)); // diverges: drawn until it leaves the picture
        const path = out < 0 ? all : all.slice(0, out);
        chart.line(id, path.map((_, t) => t), path, style);
      };
      if (wrong) {
        ["source", "typed", "found"].forEach((id) => draw(id, source, null, {}));
        answer.replaceChildren(h("p", {}, "…"));
        fig.legend([]);
        return fig.say(`${libraries[source]} would refuse this: ${wrong}.`);
      }
      const found = convert(source, target, name, settings, late !== 1);
      const typed = sameNumbers(dialects[source], dialects[target], settings);
      draw("source", source, settings, { color: "blue", width: 4 });
      draw("typed", target, refused(dialects[target], typed) ? null : typed, { color: "grey", dash: "2 4", width: 1.5 });
      draw("found", target, found.settings, { color: found.reasons.length ? "red" : "orange", dash: "7 5", width: 2 });
      const close = found.reasons.length ? "nearest" : "equivalent";
      fig.legend([["blue", `${libraries[source]}, as typed`], [found.reasons.length ? "red" : "orange", `${libraries[target]}, ${close} settings`, "dashed"], ["grey", `${libraries[target]}, the same numbers`, "dashed"]]);
      const call = found.settings && written(dialects[target], found.settings);
      answer.replaceChildren(
        found.reasons.length ? h("p", {}, h("strong", {}, "No equivalent, because"), ` ${found.reasons.join("; and ")}.`) : h("p", {}, h("strong", {}, "The same path")),
        ...(call ? [h("p", {}, found.reasons.length ? "Nearest: " : "", h("code", {}, call))] : []),
        ...found.notes.map((note) => h("p", {}, note)));
      const sentence = found.reasons.length ? `no equivalent in ${libraries[target]}` : `in ${libraries[target]} the same path is ${call}`;
      fig.say(`${rules[name].title}, ${libraries[source]} with ${written(dialects[source], settings)}: ${sentence}.`);
    });
    return fig.close;
  },
};
