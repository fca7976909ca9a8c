// A formula, figure or piece of code wider than its box scrolls; only then can the keyboard reach it.
(() => {
  const boxes = [...document.querySelectorAll(".d-scroll, .d-plot, .bd-article pre")];
  const mark = (box, wide) => {
    if (box.matches("pre")) {
      if (wide) box.tabIndex = 0;
    } else if (wide) {
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", `${box.matches(".d-plot") ? "Figure" : "Formula"}, scrolls sideways`);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  };
  const measure = (some) => {
    const wide = some.map((box) => box.scrollWidth > box.clientWidth + 1); // read all, then write
    some.forEach((box, i) => mark(box, wide[i]));
  };
  const watch = new ResizeObserver((entries) => measure(entries.map(({ target }) => target)));
  boxes.forEach((box) => watch.observe(box));

  // sections far from the screen are not laid out and tell the observer nothing: ask when there is time
  const later = window.requestIdleCallback || ((f) => setTimeout(f, 200));
  const rest = () => {
    measure(boxes.splice(0, 10));
    if (boxes.length) later(rest);
    else document.documentElement.dataset.scrolls = "known";
  };
  window.addEventListener("load", () => later(rest));
})();
