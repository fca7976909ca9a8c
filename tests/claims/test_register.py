"""Chapters, claims and record name the same labels: nothing numbered is unproved, nothing is stale.

A numbered equation, theorem, lemma or {checked} role has a claim in the test file of its chapter
(`chapters/03_momentum.md`, `tests/claims/test_03_momentum.py`); every claim has its place in that
chapter and its entry in chapters/claims.json. The claims compare themselves with their entries.
"""

import importlib.util
import sys
from pathlib import Path

import claims
import pytest
from scanner import scan

HERE = Path(__file__).resolve().parent
CHAPTERS = sorted((claims.ROOT / "chapters").glob("*.md"))


def registered():
    """Every claim, also of files that pytest was not given."""
    loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    for file in sorted(HERE.glob("test_*.py")):
        if str(file) not in loaded:  # by its path: tests/ may hold a file of the same name
            spec = importlib.util.spec_from_file_location(f"claims_{file.stem}", file)
            sys.modules[spec.name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[spec.name])
    return claims.registry


@pytest.fixture(scope="module")
def found():
    return {path.stem: scan(path.read_text("utf-8"), f"chapters/{path.name}") for path in CHAPTERS}


def test_numbered_mathematics_is_written_in_the_one_form_the_register_reads(found):
    wrong = [message for chapter in found.values() for message in chapter.wrong]
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_label_is_stated_once(found):
    seen, twice = {}, []
    for chapter, labels in found.items():
        twice += [f"{label}: {seen[label]}, {chapter}" for label in labels.stated if label in seen]
        seen |= dict.fromkeys(labels.stated, chapter)
    assert not twice, "labels stated in two chapters\n" + "\n".join(twice)


def test_every_label_has_a_claim(found):
    missing = [
        f"chapters/{chapter}.md:{line}: {label}"
        for chapter, labels in found.items()
        for label, line in (labels.stated | labels.checked).items()
        if label not in registered()
    ]
    assert not missing, "numbered, but without a claim in tests/claims\n" + "\n".join(missing)


def test_every_claim_has_its_label_in_its_chapter(found):
    orphans = []
    for label, claim in registered().items():
        chapter = found.get(claim["chapter"])
        where = chapter and (chapter.checked if label.startswith("num-") else chapter.stated)
        if label not in (where or ()):
            orphans.append(f"{claim['test']}: no {label} in chapters/{claim['chapter']}.md")
    assert not orphans, "claims without their label\n" + "\n".join(orphans)


def test_the_record_lists_the_claims():
    # While it is being written, what is on disk does not count.
    stale = sorted(claims.load().keys() ^ registered().keys()) if not claims.writing else []
    assert not stale, f"claims.json is stale: run make claims ({', '.join(stale)})"
