"""notebook.ipynb, run once from top to bottom: a run gives the outputs that it stores, and its model file is
train.py's.
"""

import base64
import re

import nbformat
import pytest

import train
from churn.model.file import load_model
from tests.customers import PROJECT
from tests.notebook import METADATA, NOTEBOOK, read_notebook, run_notebook

pytestmark = pytest.mark.slow

STORED = read_notebook()
CODE = [cell for cell in STORED.cells if cell.cell_type == "code"]


def texts(cell) -> list[tuple[str, str]]:
    """The outputs of a cell as text: streams by name, and for figures only that they are there."""
    streams = [(output.name, output.text) for output in cell.outputs if output.output_type == "stream"]
    shown = [output.data for output in cell.outputs if output.output_type in ("execute_result", "display_data")]
    return streams + [(" ".join(sorted(data)), data["text/plain"]) for data in shown]


def project_files() -> dict[str, int]:
    """The time when each file of the project was last written, except files that Python and the tools keep."""
    top = [path for path in PROJECT.iterdir() if not path.name.startswith(".")]
    paths = [path for folder in top for path in (folder, *folder.rglob("*")) if "__pycache__" not in str(path)]
    return {str(path): path.stat().st_mtime_ns for path in paths if path.is_file()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The notebook after a run, the folder it wrote to, and the project's files before and after."""
    folder = tmp_path_factory.mktemp("notebook")
    before = project_files()
    return run_notebook(STORED, folder), folder, before, project_files()


def test_a_run_gives_the_outputs_that_are_stored(run):
    again = [cell for cell in run[0].cells if cell.cell_type == "code"]
    for stored, ran in zip(CODE, again, strict=True):
        assert texts(stored) == texts(ran), f"cell {stored.id}: `make notebook` stores it anew"


def test_it_gives_no_warnings(run):
    for cell in run[0].cells:
        assert not [output for output in cell.get("outputs", []) if output.get("name") == "stderr"], cell.id


def test_its_model_file_has_the_very_bytes_that_train_py_writes(run, tmp_path, capsys):
    train.main(["--output", str(tmp_path / "model_C=1.0.bin")])
    (path,) = run[1].glob("churn-*/*.bin")
    assert path.read_bytes() == (tmp_path / path.name).read_bytes()
    card, trained = load_model(path).card, load_model(tmp_path / path.name).card
    assert (card.contract, card.golden, card.average) == (trained.contract, trained.golden, trained.average)


def test_it_writes_nothing_into_the_project(run):
    assert run[2] == run[3]


def test_it_is_stored_as_make_notebook_leaves_it():
    nbformat.validate(STORED)
    assert STORED.metadata == METADATA
    assert all(cell.metadata == {} for cell in STORED.cells)
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))
    assert NOTEBOOK.stat().st_size < 600_000


def test_its_figures_are_there_as_png():
    figures = [
        output.data["image/png"] for cell in CODE for output in cell.outputs if "image/png" in output.get("data", {})
    ]
    assert len(figures) == sum("plt.show()" in cell.source for cell in CODE) >= 5
    assert all(base64.b64decode(figure).startswith(b"\x89PNG\r\n") for figure in figures)


def test_it_holds_nothing_of_any_particular_machine():
    for cell in STORED.cells:
        for text in (cell.source, *(text for _, text in (texts(cell) if cell.cell_type == "code" else []))):
            assert not re.search(r"/(home|Users|root|tmp|var|opt)\b|\b[A-Z]:\\", text), cell.id
    assert str(PROJECT) not in NOTEBOOK.read_text(encoding="utf-8")
