// Elements: h("div", {class: "x", onclick: f}, child, ...) and the same for SVG.

const SVG = "http://www.w3.org/2000/svg";

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

export function h(name, attributes, ...children) {
  return build(document.createElement(name), attributes, children);
}

export function s(name, attributes, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

// Text that changes with every frame: nothing is touched that stays the same.
export function write(node, text) {
  if (node.textContent === text) return;
  if (node.firstChild) node.firstChild.data = text;
  else node.textContent = text;
}

let count = 0;
export function uid(prefix) {
  count += 1;
  return `dfig-${prefix}-${count}`;
}
