"""The claim register on the pages: a check mark beside what a test has measured, and the list of all.

chapters/claims.json holds label -> chapter, says, against, test, tolerance, error, wrong.
Beside each numbered equation, theorem, lemma and {checked} role named there stands a small mark
with the measured error, linked to its entry on the page that holds the `claims` directive.
Marks are HTML only; other builders draw none, and the register as plain text.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

logger = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"

# How the register points back into the chapter, by the first part of a label.
PLACE = {
    "eq": "Equation {{eq}}`{}`",
    "thm": "{{prf:ref}}`{}`",
    "lem": "{{prf:ref}}`{}`",
    "num": "{{ref}}`In the text <checked-{}>`",
}


class checked(nodes.Inline, nodes.Element):
    """The {checked} role: a mark in running text, nothing where the builder draws none."""


class block(nodes.General, nodes.Element):
    """A plain <div>: an equation with its mark, or one entry of the register."""


def size(error: float) -> str:
    """One digit tells how good a claim is.

    >>> size(3.9e-16), size(1e-9), size(0.0123), size(0.0), size(12.3), size(2.1e6)
    ('4e-16', '1e-9', '0.01', '0', '12', '2e6')
    """
    short = f"{error:.0f}" if 1 <= error < 1e4 else f"{error:.1g}"
    return re.sub(r"e([-+])0*", r"e\1", short).replace("+", "")


def record(app) -> Path:
    """The data file beside the chapters, whether the book's sources begin there or above."""
    above = Path(app.srcdir) / "chapters" / "claims.json"
    return above if above.exists() else Path(app.srcdir) / "claims.json"


def read(app):
    """Read the claims as a build begins, and serve their stylesheet."""
    path = record(app)
    app.claims = json.loads(path.read_text("utf-8")) if path.exists() else {}
    app.config.html_static_path.append(str(STATIC))


def reading_order(env):
    """The documents in the order of the table of contents; by name where there is none."""
    site_map = getattr(env, "external_site_map", None)
    if site_map is None:
        return sorted(env.found_docs)

    def walk(doc):
        yield doc
        for tree in site_map[doc].subtrees if doc in site_map else ():
            for item in tree.items:
                if isinstance(item, str):
                    yield from walk(str(item))

    return list(walk(site_map.root.docname))


def find(env, name):
    """The document called `name` in whatever folder; None where there is none."""
    return next((doc for doc in sorted(env.found_docs) if doc.split("/")[-1] == name), None)


def takes_mark(node):
    """Whether `node` is a labelled equation, theorem or lemma."""
    name = node.__class__.__name__
    return name in {"math_block", "theorem_node", "lemma_node"} and bool(node.get("label"))


def depend(app, doctree):
    """Read a page again when the record changes."""
    if any(True for _ in doctree.findall(takes_mark)):
        app.env.note_dependency(str(record(app)))


def mark(app, page, label):
    """One check mark on `page`, as HTML: the sign, and beside mathematics the error."""
    claim = app.claims[label]
    error, tolerance = size(claim["error"]), size(claim["tolerance"])
    told = f"Checked by a test: error {error}, tolerance {tolerance}"
    register = find(app.env, app.config.claims_register)
    link = register and f"{app.builder.get_relative_uri(page, register)}#claim-{label}"
    href = f' href="{escape(link)}"' if link else ""
    shown = "✓" if label.startswith("num-") else f"✓\u2009{error}"
    html = f'<a class="claim-mark"{href} title="{told}" aria-label="{told}">{shown}</a>'
    return nodes.raw("", html, format="html")


class Marks(SphinxPostTransform):
    """Put marks beside the nodes, so that how mathematics is drawn does not matter."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        """Mark every node whose label is claimed."""
        found = [*self.document.findall(takes_mark), *self.document.findall(checked)]
        for node in found:
            if node["label"] not in self.app.claims:
                continue
            sign = mark(self.app, self.env.docname, node["label"])
            if isinstance(node, checked):
                node += sign
            elif isinstance(node, nodes.math_block):
                box = block(classes=["claim-equation"])
                node.parent.replace(node, box)
                box += [node, sign]
            else:
                node[0] += sign  # its title


class Checked(SphinxRole):
    """{checked}`num-…`: a test has measured the number stated just before."""

    def run(self):
        """Return the mark; its first place in the chapter is what the register links to."""
        label, env = self.text.strip(), self.env
        node = checked(label=label)
        self.set_source_info(node)
        env.note_dependency(str(record(env.app)))
        if label not in env.app.claims:
            logger.warning("{checked}: no claim is called %r", label, location=node)
        elif env.app.claims[label]["chapter"] == env.docname.split("/")[-1]:
            anchor = f"checked-{label}"
            if label not in env.temp_data.setdefault("checked", set()):
                env.temp_data["checked"].add(label)
                node["ids"].append(anchor)
                env.get_domain("std").note_hyperlink_target(anchor, env.docname, anchor)
        return [node], []


class Claims(SphinxDirective):
    """The register: every claim, chapter by chapter."""

    def run(self):
        """Return one section for each chapter."""
        self.env.note_dependency(str(record(self.env.app)))
        chapters = {}
        for label, claim in self.env.app.claims.items():
            chapters.setdefault(claim["chapter"], {})[label] = claim
        # A build of some chapters lists the claims of those.
        built = {doc: name for name in sorted(chapters) if (doc := find(self.env, name))}
        order = [doc for doc in reading_order(self.env) if doc in built]
        return [self.section(built[doc], doc, chapters[built[doc]]) for doc in order]

    def section(self, name, doc, claims):
        """The claims of one chapter under its title, in the order in which it states them."""
        path = str(self.env.doc2path(doc))
        self.env.note_dependency(path)
        text = Path(path).read_text("utf-8")
        heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
        title = nodes.title("", "", *self.inline(heading[1] if heading else name))
        at = {label: re.search(rf"(label: |`){label}\b(?!-)", text) for label in claims}
        order = sorted(claims, key=lambda label: at[label].start() if at[label] else len(text))
        entries = [self.entry(label, claims[label]) for label in order]
        return nodes.section("", title, *entries, ids=[nodes.make_id(f"claims-{name}")])

    def entry(self, label, claim):
        """One claim: where it stands, what it says, what it is told apart from, and how well."""
        place = self.inline(PLACE[label.split("-")[0]].format(label))
        facts = {
            "Error": [nodes.Text(f"{size(claim['error'])}, allowed {size(claim['tolerance'])}")],
            "Told apart from": self.inline(claim["against"]),
            "Its error": [nodes.Text(size(claim["wrong"]))],
            "Test": [nodes.literal("", claim["test"])],
        }
        rows = [
            nodes.definition_list_item(
                "",
                nodes.term("", term),
                nodes.definition("", nodes.paragraph("", "", *said)),
            )
            for term, said in facts.items()
        ]
        return block(
            "",
            nodes.paragraph("", "", *place, classes=["claim-place"]),
            nodes.paragraph("", "", *self.inline(claim["says"]), classes=["claim-says"]),
            nodes.definition_list("", *rows, classes=["claim-facts"]),
            ids=[f"claim-{label}"],
            classes=["claim"],
        )

    def inline(self, source):
        """Text with roles and $mathematics$, read as the chapters are."""
        return self.state.inline_text(source, self.lineno)[0]


def through(self, node):
    """Draw nothing around the children."""


def nothing(self, node):
    """Draw nothing."""
    raise nodes.SkipNode


def setup(app):
    """Register marks, role and directive."""
    app.add_config_value("claims_register", "register", "env")
    app.add_css_file("claims.css")
    others = ("latex", "text", "man", "texinfo")
    span = (
        lambda self, node: self.body.append(self.starttag(node, "span", "", CLASS="claim-checked")),
        lambda self, node: self.body.append("</span>"),
    )
    div = (
        lambda self, node: self.body.append(self.starttag(node, "div")),
        lambda self, node: self.body.append("</div>\n"),
    )
    app.add_node(checked, html=span, **dict.fromkeys(others, (nothing, None)))
    app.add_node(block, html=div, **dict.fromkeys(others, (through, through)))
    app.add_role("checked", Checked())
    app.add_directive("claims", Claims)
    app.add_post_transform(Marks)
    app.connect("builder-inited", read)
    app.connect("doctree-read", depend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
