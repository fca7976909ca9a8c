"""The errata of the notes: every row is there, and its proof is where the row says."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "claims"))
from scanner import scan

CHAPTERS = Path(__file__).parents[1] / "chapters"
CARDS = json.loads((CHAPTERS / "errata.json").read_text("utf-8"))["cards"]
CLAIMS = json.loads((CHAPTERS / "claims.json").read_text("utf-8"))
ROWS = [row for card in CARDS for row in card["rows"]]
COUNT = {"A": 8, "R": 32, "O": 27}  # mistakes found in the card, the report, the notes on optimisers


def stated(chapter):
    """The labels that a chapter states or checks."""
    found = scan((CHAPTERS / f"{chapter}.md").read_text("utf-8"), chapter)
    return {*found.stated, *found.checked}


def test_every_row_is_there_in_order():
    ids = [row["id"] for row in ROWS]
    assert ids == [f"{card}{n}" for card, count in COUNT.items() for n in range(1, count + 1)]
    assert [card["name"] for card in CARDS] == list(COUNT)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_says_where_what_and_what_instead(row):
    assert set(row) <= {"id", "where", "wrong", "right", "place", "shown"}
    for part in ("where", "wrong", "right"):
        assert row[part].strip() == row[part] and len(row[part]) > 5
        assert row[part].count("$") % 2 == 0
    assert row["wrong"].endswith(".") and row["right"].endswith(".")
    assert row["place"] and len(set(row["place"])) == len(row["place"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_proof_of_a_row_is_a_claim_of_the_chapter_named(row):
    for label in row["place"]:
        assert label in CLAIMS, f"{row['id']}: no claim is called {label}"
        assert label in stated(CLAIMS[label]["chapter"])


@pytest.mark.parametrize("row", [row for row in ROWS if "shown" in row], ids=lambda row: row["id"])
def test_the_statement_of_the_notes_fails_by_measurement(row):
    claim = CLAIMS[row["shown"]]
    assert row["shown"] in row["place"]
    assert claim["wrong"] > 10 * claim["tolerance"] and claim["wrong"] > claim["error"]


def test_what_the_page_proves_is_what_rows_need():
    own = {label for label, claim in CLAIMS.items() if claim["chapter"] == "errata"}
    used = {label for row in ROWS for label in row["place"] if label in own}
    assert own == used == stated("errata")


def test_the_page_says_how_many_rows_there_are():
    text = (CHAPTERS / "errata.md").read_text("utf-8")
    assert len(ROWS) == 67 and "sixty-seven" in text


def test_the_notes_are_not_quoted():
    # rows speak in the book's words: no quotation marks
    for row in ROWS:
        assert not re.search(r"[\"“”]", " ".join((row["where"], row["wrong"], row["right"]))), row["id"]


def test_the_built_page_shows_every_row_and_its_links(tmp_path):
    """The directive, on a small book of its own."""
    from docutils import nodes
    from sphinx.testing.util import SphinxTestApp

    labels = ["eq-a", "num-b"]
    row = {"id": "A1", "where": "here", "wrong": "It is $x$.", "right": "It is $y$.", "place": labels}
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_parser', 'lib.book.errata']\nmyst_enable_extensions = ['dollarmath']\n"
    )
    (tmp_path / "index.md").write_text(
        "# Errata\n\n```{toctree}\n01_a\n```\n\n```{errata}\n```\n", encoding="utf-8"
    )
    (tmp_path / "01_a.md").write_text(
        "# A\n\n```{math}\n:label: eq-a\nx\n```\n\nThree {checked}`num-b`.\n", encoding="utf-8"
    )
    entry = {
        "chapter": "01_a",
        "says": "s",
        "against": "a",
        "test": "t",
        "tolerance": 1e-3,
        "error": 0.0,
        "wrong": 0.5,
    }
    (tmp_path / "claims.json").write_text(json.dumps(dict.fromkeys(labels, entry)))
    for shown, said in (({}, 0), ({"shown": "num-b"}, 1)):
        cards = {"cards": [{"name": "A", "title": "The card", "rows": [row | shown]}]}
        (tmp_path / "errata.json").write_text(json.dumps(cards))
        app = SphinxTestApp("html", srcdir=tmp_path, freshenv=True)
        try:
            app.build(force_all=True)
            warnings = app.warning.getvalue()
            page = (app.outdir / "index.html").read_text("utf-8")
            tree = app.env.get_doctree("index")
        finally:
            app.cleanup()
        assert "A1" in page and "here" in page and 'id="erratum-a1"' in page
        assert len(list(tree.findall(nodes.math))) == 2
        assert 'href="01_a.html#checked-num-b"' in page and 'href="01_a.html#equation-eq-a"' in page
        assert page.count("by 0.5, where 0.001 is allowed") == said
        assert "errata:" not in warnings
