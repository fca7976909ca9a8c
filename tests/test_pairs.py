"""Every executed chapter has its notebook, with the same cells, every one of them run."""

import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import pairs

CHAPTER = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Title

```{code-cell} ipython3
:tags: [hide-input]
from IPython.display import HTML

print(1 + 1)
HTML('<figure aria-label="A line."><svg>\\n<path d="M0 0"/></svg><figcaption>Two</figcaption></figure>')
```

Text

```{code-cell} ipython3
3
```
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    source = tmp_path_factory.mktemp("pairs") / "01_a.md"
    source.write_text(CHAPTER, "utf-8")
    return pairs.execute(source)


@pytest.fixture
def folder(tmp_path, executed):
    (tmp_path / "01_a.md").write_text(CHAPTER, "utf-8")
    (tmp_path / "index.md").write_text("# No code\n", "utf-8")
    nbformat.write(executed, tmp_path / "01_a.ipynb")
    return tmp_path


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_pairs_of_the_book_are_as_their_chapters():
    assert pairs.problems() == []


def test_a_good_pair_has_no_problem(folder):
    assert pairs.problems(folder) == []


@pytest.mark.parametrize(
    "old, new",
    [("1 + 1", "1 + 2"), ("Text", "Texts"), ("[hide-input]", "[hide-cell]"), ("# Title", "# Other")],
)
def test_a_chapter_that_moved_on_is_found(folder, old, new):
    change(folder / "01_a.md", old, new)
    assert pairs.problems(folder) == ["01_a.ipynb differs from 01_a.md; run: make pairs"]


def test_a_missing_pair_is_found(folder):
    (folder / "01_a.ipynb").unlink()
    assert pairs.problems(folder) == ["01_a.md has no notebook; run: make pairs"]


def test_a_pair_without_chapter_is_found(folder):
    (folder / "01_a.ipynb").rename(folder / "index.ipynb")
    assert "index.ipynb has no chapter; delete it" in pairs.problems(folder)


def test_a_cell_that_was_never_run_is_found(folder):
    change(folder / "01_a.ipynb", '"execution_count": 2', '"execution_count": null')
    assert pairs.problems(folder) == ["01_a.ipynb: cell 3 was never executed; run: make pairs"]


def test_outputs_keep_every_word_and_no_drawing(executed):
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    stream, result = code[0].outputs
    assert stream.text == "2\n"
    html = result.data["text/html"]
    assert "svg" not in html and "path" not in html
    assert 'aria-label="A line."' in html and "<figcaption>Two</figcaption>" in html
    assert code[1].outputs[0].data["text/plain"] == "3"


def test_writing_twice_gives_the_same_file(executed, tmp_path):
    source = tmp_path / "01_a.md"
    source.write_text(CHAPTER, "utf-8")
    assert pairs.execute(source) == executed
