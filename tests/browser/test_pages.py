"""Every page of the built book: from disk, without network, on desktop and phone, light and dark."""

from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

TOC = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text("utf-8"))
WIDTHS = {"desktop": 1280, "phone": 390}
THEMES = ("light", "dark")


def listed(entry):
    """The files of an entry of the table of contents and of all below it."""
    below = [*entry.get("parts", []), *entry.get("chapters", []), *entry.get("sections", [])]
    return [entry[key] for key in ("root", "file") if key in entry] + [*chain(*map(listed, below))]


PAGES = [*listed(TOC), "search"]


class Visit(NamedTuple):
    name: str
    width: int
    page: object
    problems: list


def visits(kind):
    """A fixture that opens each page once at one width; the tests of a page share it."""

    @pytest.fixture(scope="module", params=PAGES, name=kind)
    def visit(request, book, new_page, settle):
        width = WIDTHS[kind]
        page, problems = new_page(viewport={"width": width, "height": 900})
        page.goto((book / f"{request.param}.html").as_uri())
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-descent-figure]')].every((n) => n.dataset.mounted)"
        )
        page.wait_for_function("document.documentElement.dataset.scrolls")  # what scrolls is known
        settle(page)
        yield Visit(request.param, width, page, problems)
        page.close()

    return visit


desktop, phone = visits("desktop"), visits("phone")


@pytest.fixture
def show(settle):
    """Turn a page to one of the themes; light again afterwards."""
    shown = []

    def show(page, theme):
        shown.append(page)
        page.evaluate("(t) => (document.documentElement.dataset.theme = t)", theme)
        settle(page)

    yield show
    for page in shown:
        page.evaluate("document.documentElement.dataset.theme = 'light'")


def test_every_page_is_in_the_table_of_contents(book):
    built = {p.relative_to(book).with_suffix("").as_posix() for p in book.rglob("*.html")}
    assert {name for name in built if not name.startswith("_static")} == {*PAGES, "index"}


def test_the_address_of_the_folder_opens_the_first_page(book, open_page):
    page = open_page(book / "index.html")
    page.wait_for_url(f"**/{TOC['root']}.html")
    assert (book / "index.html").read_text("utf-8").startswith('<!doctype html>\n<html lang="en">')


# What a page says of itself


def test_a_page_has_a_title_a_language_a_description_and_one_heading(desktop):
    page = desktop.page
    assert len(page.title()) > 10 and page.locator("html").get_attribute("lang") == "en"
    assert len(page.locator("meta[name=description]").get_attribute("content")) > 15
    assert page.locator("h1:visible").count() == 1


NAMELESS = """() => [...document.querySelectorAll("svg, img, canvas, figure")].filter((n) => {
  if (n.closest("[aria-hidden=true], .dfig-plot, button, [hidden]") && !n.matches(".dfig-plot")) return false;
  if (n.matches("svg")) return !((n.getAttribute("aria-label") || "").length >= 20 && n.matches("[role=img], [role=group]"));
  if (n.matches("img")) return !n.alt;
  return n.matches("canvas") || !n.querySelector("figcaption")?.textContent.trim();
}).map((n) => n.outerHTML.slice(0, 200))"""


def test_every_picture_has_its_words(desktop):
    assert desktop.page.evaluate(NAMELESS) == []


# Figures


def test_every_figure_lives_and_hides_its_still_picture(desktop):
    figures = desktop.page.locator("[data-descent-figure]").all()
    for figure in figures:
        assert figure.locator(".dfig-words").text_content().strip()
        assert figure.locator(".dfig-plot").count() >= 1
        assert figure.locator(".descent-still").is_hidden()
    # the state that Jupyter's runtime would read repeats every script
    assert desktop.page.locator("script[type*=widget-state]").count() == 0


def test_print_shows_figures_without_their_controls(desktop):
    page = desktop.page
    plots = page.locator("figure.descent-plot:visible").count()
    page.emulate_media(media="print")
    try:
        for figure in page.locator(".dfig").all():
            assert figure.locator(".dfig-plot").first.is_visible()
            assert figure.locator(".dfig-words").is_visible()
            assert figure.locator(".dfig-controls").is_hidden()
        assert page.locator("figure.descent-plot:visible").count() == plots
        assert page.locator("h1:visible").count() == 1
    finally:
        page.emulate_media(media="screen")


def test_without_scripts_each_figure_is_its_still_picture(book, new_page):
    seen = 0
    for path in sorted(book.rglob("chapters/*.html")):
        if "data-descent-figure" in path.read_text("utf-8"):
            page, problems = new_page(java_script_enabled=False)
            page.goto(path.as_uri())
            for figure in page.locator("[data-descent-figure]").all():
                seen += 1
                assert figure.locator(".dfig").count() == 0
                assert figure.locator("svg[role=img]").is_visible()
                assert figure.locator("figcaption").is_visible()
            assert problems == []
            page.close()
    assert seen >= 3


# Phone


def test_nothing_is_wider_than_a_phone(phone):
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= phone.width


PLOTS = """() => [...document.querySelectorAll("figure.descent-plot:not([hidden] *)")].map((figure) => {
  const [box, svg] = [figure.querySelector(".d-plot"), figure.querySelector("svg")];
  const drawn = svg.getBoundingClientRect().width;
  return { drawn, pixels: 12 * drawn / svg.viewBox.baseVal.width, scrolls: box.scrollWidth > box.clientWidth + 1,
    focus: box.tabIndex >= 0, name: box.getAttribute("aria-label"),
    caption: figure.querySelector("figcaption").getBoundingClientRect().width };
}).filter(({ drawn }) => drawn > 0)"""


def test_still_figures_are_legible_and_only_they_scroll(phone):
    for plot in phone.page.evaluate(PLOTS):
        assert plot["pixels"] >= 11
        assert plot["caption"] <= phone.width
        assert plot["focus"] == plot["scrolls"] == bool(plot["name"])


def test_still_figures_do_not_scroll_on_a_desktop(desktop):
    for plot in desktop.page.evaluate(PLOTS):
        assert not plot["scrolls"] and not plot["focus"] and plot["pixels"] >= 14


def test_the_keyboard_scrolls_a_still_figure(book, new_page, settle):
    path = next(p for p in sorted(book.rglob("chapters/*.html")) if "d-plot" in p.read_text("utf-8"))
    page, _ = new_page(viewport={"width": 390, "height": 900})
    page.goto(path.as_uri())
    box = page.locator(".d-plot:visible").first
    box.scroll_into_view_if_needed()
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(n) => n.scrollLeft > 0", arg=box.element_handle())
    page.close()


# Colours

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a));
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const words = ".bd-article figcaption, .dfig-words, .dfig-controls label, .dfig-legend li, .dfig-snap, .dfig-plot text, .descent-plot svg";
  return [...document.querySelectorAll(words)].filter((n) => n.getBoundingClientRect().width).map((n) => {
    const style = getComputedStyle(n);
    const above = [];
    for (let e = n; e; e = e.parentElement) above.push(e);
    let ground = [255, 255, 255];
    for (const e of [...above].reverse()) ground = over(rgba(getComputedStyle(e).backgroundColor), ground);
    const clear = above.reduce((product, e) => product * getComputedStyle(e).opacity, 1);
    const [r, g, b, a] = rgba(n.matches("svg text") ? style.fill : style.color);
    const [low, high] = [light(over([r, g, b, a * clear], ground)), light(ground)].sort((p, q) => p - q);
    return [(high + 0.05) / (low + 0.05), n.outerHTML.slice(0, 120)];
  });
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_words_of_figures_stand_out_from_their_ground(desktop, show, theme):
    show(desktop.page, theme)
    assert [found for found in desktop.page.evaluate(CONTRAST) if found[0] < 4.5] == []


def test_the_button_changes_the_theme(book, open_page):
    page = open_page(book / f"{TOC['root']}.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add((page.locator("html").get_attribute("data-theme"), page.evaluate(ground)))
    assert len(seen) == 2


# Accessibility

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # all that dark pages can do worse than light ones
# What stays: (rule, selector) -> why.
LEFT = {
    ("empty-table-header", "th:has(math)"): "axe does not read MathML; screen readers do",
}
# Drawn shapes, which are hidden from assistive technology or named as one image, cost axe seconds.
LIGHTEN = """() => {
  document.querySelectorAll("svg[aria-hidden=true], svg[role=img]").forEach((n) => n.replaceChildren());
  document.querySelectorAll(".d-mathml math").forEach((n) => n.replaceChildren(n.textContent));
}"""
# axe sees a reader's screen wherever he is: no section is too far away to be laid out.
LAY_OUT = """() => new Promise((done) => {
  const style = document.createElement("style");
  style.textContent = "html .bd-article > section > section { content-visibility: visible !important; }";
  document.head.append(style);
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
})"""
RUN = """async ([tags, colours, left]) => {
  const rules = { "label-content-name-mismatch": { enabled: true } };
  const runOnly = { type: colours ? "rule" : "tag", values: colours || tags };
  const options = { runOnly, rules: colours ? {} : rules, resultTypes: ["violations"], preload: false };
  const { violations } = await axe.run(document, options);
  const known = (id, target) => left.some(([rule, selector]) => rule === id && document.querySelector(target).matches(selector));
  return violations.flatMap(({ id, nodes }) => nodes.filter((n) => !known(id, n.target[0]))
    .map((n) => [id, n.target.join(" "), n.failureSummary]));
}"""


def axe(page, theme):
    page.evaluate(LIGHTEN)
    page.evaluate(LAY_OUT)
    page.evaluate("(text) => window.axe || (0, eval)(text)", AXE)
    return page.evaluate(RUN, [TAGS, COLOURS if theme == "dark" else None, [*LEFT]])


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_desktop(desktop, show, theme):
    show(desktop.page, theme)
    assert axe(desktop.page, theme) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_phone(phone, show, theme):
    show(phone.page, theme)
    assert axe(phone.page, theme) == []


# Last, after all that was done with the page


def test_a_desktop_sees_no_error_and_asks_no_other_host(desktop):
    assert desktop.problems == []


def test_a_phone_sees_no_error_and_asks_no_other_host(phone):
    assert phone.problems == []
