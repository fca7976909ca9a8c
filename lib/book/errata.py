"""The errata of the notes on their page: each wrong statement, its correction, and where that is measured.

chapters/errata.json holds, for each set of notes, rows of id, where, wrong, right, place (labels of
claims, the first the nearest) and perhaps shown (the claim whose false statement is the notes').
"""

import json

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lib.book.claims import PLACE, block, find, record, size

logger = logging.getLogger(__name__)


class Errata(SphinxDirective):
    """Every row of errata.json, with links to the claims that prove it."""

    def run(self):
        """Return one section for each set of notes."""
        path = record(self.env.app).with_name("errata.json")
        self.env.note_dependency(str(path))
        self.env.note_dependency(str(record(self.env.app)))
        cards = json.loads(path.read_text("utf-8"))["cards"]
        return [self.section(card) for card in cards]

    def section(self, card):
        """The rows of one set of notes."""
        title = nodes.title("", "", *self.inline(card["title"]))
        return nodes.section(
            "", title, *map(self.entry, card["rows"]), ids=[nodes.make_id(f"errata-{card['title']}")]
        )

    def entry(self, row):
        """One row: what the notes say, what is right, where it is proved, how wrong the notes are."""
        facts = {
            "The notes": self.inline(row["wrong"]),
            "Instead": self.inline(row["right"]),
            "Measured": self.places(row["place"]),
        }
        shown = self.env.app.claims.get(row.get("shown"))
        if shown:
            told = f"by {size(shown['wrong'])}, where {size(shown['tolerance'])} is allowed"
            facts["The notes fail"] = [nodes.Text(told)]
        rows = [
            nodes.definition_list_item(
                "", nodes.term("", term), nodes.definition("", nodes.paragraph("", "", *said))
            )
            for term, said in facts.items()
        ]
        head = [nodes.strong("", row["id"]), nodes.Text("  "), *self.inline(row["where"])]
        return block(
            "",
            nodes.paragraph("", "", *head, classes=["claim-place"]),
            nodes.definition_list("", *rows, classes=["claim-facts"]),
            ids=[f"erratum-{row['id'].lower()}"],
            classes=["claim"],
        )

    def places(self, labels):
        """Links to the claims, each with its chapter."""
        links = []
        for label in labels:
            claim = self.env.app.claims.get(label)
            doc = claim and find(self.env, claim["chapter"])
            if not doc:
                logger.warning("errata: no claim of a built chapter is called %r", label)
                continue
            if links:
                links.append(nodes.Text("; "))
            if doc == self.env.docname:
                links += self.inline(f"{{ref}}`At the end of this page <checked-{label}>`")
            else:
                links += self.inline(PLACE[label.split("-")[0]].format(label))
                links += [nodes.Text(" of "), *self.inline("{doc}`/" + doc + "`")]
        return links

    def inline(self, source):
        """Text with roles and $mathematics$, read as the chapters are."""
        return self.state.inline_text(source, self.lineno)[0]


def setup(app):
    """Register the directive; `lib.book.claims` reads the claims."""
    app.setup_extension("lib.book.claims")
    app.add_directive("errata", Errata)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
