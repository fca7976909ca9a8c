"""Each executed chapter `x.md` and its pair `x.ipynb`: what is opened in Jupyter and what nbval compares.

    python tests/pairs.py write            # execute every chapter
    python tests/pairs.py write NAME ...   # execute these, such as 02_averages

A pair holds the chapter's cells and their outputs, without pictures: a drawing is replaced through
`tests/sanitize.cfg`, exactly as nbval replaces it in what a test run puts out. Times, widget
state and everything else that changes from run to run is left out.
"""

import configparser
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
KEPT = {"text/plain", "text/html", "text/markdown", "text/latex"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def sanitizers(path=ROOT / "tests" / "sanitize.cfg"):
    """The replacements of the file, as (regular expression, text)."""
    config = configparser.RawConfigParser()
    config.read(path)
    return [(re.compile(config[s]["regex"]), config[s]["replace"]) for s in config.sections()]


def sources(folder=CHAPTERS):
    """The chapters that are executed: those with a code cell."""
    return [p for p in sorted(folder.glob("*.md")) if "```{code-cell}" in p.read_text("utf-8")]


def read(source):
    """The cells of a chapter, not executed, with ids that stay."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


def execute(source):
    """The chapter's notebook with its outputs, as it is stored."""
    from nbclient import NotebookClient

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in tests and book
    notebook = read(source)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": source.parent}}
    ).execute()
    return tidy(notebook)


def tidy(notebook):
    """Leave out what is no text or changes from run to run."""
    replace = sanitizers()
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            if "data" not in output:
                continue
            output.metadata = {}
            output.data = {kind: text for kind, text in output.data.items() if kind in KEPT}
            if "text/html" in output.data:
                for pattern, text in replace:
                    output.data["text/html"] = pattern.sub(text, output.data["text/html"])
    return notebook


def shape(notebook):
    """What must agree between a chapter and its pair: the cells without their outputs."""
    cells = []
    for cell in notebook.cells:
        metadata = {key: value for key, value in cell.metadata.items() if key != "execution"}
        cells.append((cell.cell_type, cell.source, metadata))
    return cells


def problems(folder=CHAPTERS):
    """What is wrong with the pairs of a folder, one sentence each; nothing when all is well."""
    chapters = sources(folder)
    names = {path.stem for path in chapters}
    found = [
        f"{path.name} has no chapter; delete it"
        for path in sorted(folder.glob("*.ipynb"))
        if path.stem not in names
    ]
    for source in chapters:
        path = source.with_suffix(".ipynb")
        if not path.exists():
            found.append(f"{source.name} has no notebook; run: make pairs")
            continue
        pair = nbformat.read(path, as_version=4)
        if shape(pair) != shape(read(source)):
            found.append(f"{path.name} differs from {source.name}; run: make pairs")
        for number, cell in enumerate(pair.cells):
            if cell.cell_type == "code" and cell.execution_count is None:
                found.append(f"{path.name}: cell {number} was never executed; run: make pairs")
    return found


def write(names=()):
    """Execute the chapters named and store their pairs."""
    chapters = sources()
    if unknown := set(names) - {path.stem for path in chapters}:
        sys.exit(f"no executed chapter is called {', '.join(sorted(unknown))}")
    for source in chapters:
        if not names or source.stem in names:
            nbformat.write(execute(source), source.with_suffix(".ipynb"))
            print("wrote", source.with_suffix(".ipynb").name)
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        if path.stem not in {source.stem for source in chapters}:
            path.unlink()
            print("removed", path.name)


if __name__ == "__main__":
    if sys.argv[1:2] != ["write"]:
        sys.exit(__doc__)
    write(sys.argv[2:])
