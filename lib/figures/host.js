// Mounts the figures of a page that has no kernel: a model in memory, the same modules.

export function staticModel(state) {
  const listeners = new Map();
  const fire = (name) => (listeners.get(name) || []).forEach((f) => f());
  return {
    get: (key) => state[key],
    set(key, value) {
      if (state[key] === value) return;
      state[key] = value;
      fire(`change:${key}`);
      fire("change");
    },
    on: (name, f) => listeners.set(name, [...(listeners.get(name) || []), f]),
    off: (name, f) => listeners.set(name, (listeners.get(name) || []).filter((g) => f && g !== f)),
    save_changes() {},
    send() {},
  };
}

export function mount(el, figures) {
  const module = figures[el.dataset.descentFigure];
  if (!module || el.dataset.mounted) return undefined;
  el.dataset.mounted = "yes";
  el.querySelectorAll(".descent-still").forEach((still) => (still.hidden = true));
  const close = module.render({ model: staticModel(JSON.parse(el.dataset.state)), el });
  // kept on the element, so that a page (or a test) can take the figure away again
  el.descentClose = () => {
    close();
    delete el.dataset.mounted;
    el.querySelectorAll(".descent-still").forEach((still) => (still.hidden = false));
  };
  return el.descentClose;
}

export function mountAll(figures) {
  document.querySelectorAll("[data-descent-figure]").forEach((el) => mount(el, figures));
}
