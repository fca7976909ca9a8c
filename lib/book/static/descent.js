// A formula or figure wider than its box scrolls; only then can the keyboard reach it.
(() => {
  const watch = new ResizeObserver((entries) => {
    for (const { target: box } of entries) {
      const wide = box.scrollWidth > box.clientWidth + 1;
      if (wide) {
        box.setAttribute("tabindex", "0");
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", `${box.matches(".d-plot") ? "Figure" : "Formula"}, scrolls sideways`);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  });
  for (const box of document.querySelectorAll(".d-scroll, .d-plot")) watch.observe(box);
})();
