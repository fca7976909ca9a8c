"""The progress bar: shown to whoever watches, to nobody else."""

import io
import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from lib.loop import progress, train
from lib.net import FCN
from lib.rules import sgd

GO = {"lr": 0.1, "epochs": 3, "batch_size": 20, "seed": 7}


class Terminal(io.StringIO):
    """A stderr that somebody looks at."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("asked", "stream", "shown"), [
    (None, Terminal, True),
    (None, io.StringIO, False),
    (True, io.StringIO, True),
    (False, Terminal, False),
])  # fmt: skip
def test_when_it_is_shown(asked, stream, shown, data, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", stream())
    train(FCN((4, 3)), data, sgd, **GO, progress=asked)
    said = sys.stderr.getvalue()
    assert bool(said) is shown
    if shown:
        assert "15/15" in said
        assert "validation" in said
    assert capsys.readouterr().out == ""


def test_without_a_stderr(data, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    train(FCN((4, 3)), data, sgd, **GO)


def test_a_resumed_bar_begins_where_the_training_does(data, tmp_path, monkeypatch):
    path = tmp_path / "x.npz"
    train(FCN((4, 3)), data, sgd, **GO, checkpoint=path)
    monkeypatch.setattr(sys, "stderr", Terminal())
    train(FCN((4, 3)), data, sgd, **GO | {"epochs": 4}, checkpoint=path)
    assert "15/20" in sys.stderr.getvalue()
    assert "20/20" in sys.stderr.getvalue()
    assert " 1/20" not in sys.stderr.getvalue()


def test_the_bar_is_closed_when_training_fails(data, monkeypatch):
    closed = []
    real = progress.bar

    def spied(*args):
        made = real(*args)
        close = made.close
        made.close = lambda: (closed.append(True), close())
        return made

    monkeypatch.setattr("lib.loop.training.bar", spied)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(ValueError, match="lr\\(3\\) is -1"):
        train(FCN((4, 3)), data, sgd, **GO | {"lr": lambda t: 0.1 if t < 3 else -1})
    assert closed


CODE = "from lib.loop.progress import watched; print(watched())"


def test_a_notebook_that_is_executed_is_not_watched_and_a_live_one_is():
    cell = nbformat.v4.new_code_cell(CODE)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert [output.text for output in cell.outputs] == ["False\n"]

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        for somebody in (True, False):  # nbval says False, JupyterLab, VS Code and Colab say True
            said = []
            client.execute_interactive(
                CODE,
                allow_stdin=somebody,
                output_hook=lambda m, said=said: said.append(m["content"].get("text")),
                timeout=60,
            )
            assert f"{somebody}\n" in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
