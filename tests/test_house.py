"""The rooms of the house: each folder of churn/ is one, and a rule lists the rooms and packages it may import."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.customers import PROJECT
from tests.house import (
    ARCHITECTURE,
    CHURN,
    GROUND,
    MODULES,
    NOT_SERVED,
    draw_picture,
    imports,
    name_of,
    ours,
    room_of,
)

JOINER_OF_WEB = "web.app"
"""The module of web/ that joins it with web/pages/. No other module of web/ may import web/pages/."""
JOINED = "__main__"
"""The module in churn/ itself that joins rooms: each of its commands imports its room only when it runs."""
ROOMS = {
    "pickles": set(),
    "model": {"pickles"},
    "inspection": {"model", "pickles"},
    "tables": {"model"},
    "watch": {"model"},
    "server": {"watch", "model"},
    "web": {"server", "watch", "tables", "model"},
    "web/pages": {"web", "server", "tables", "model"},
    "workbooks": {"tables", "model"},
    "batch": {"workbooks", "tables", "watch", "model"},
    "training": {"workbooks", "tables", "watch", "model", "pickles"},
    "report": {"training", "tables", "model"},
}
"""The rooms that each room may import, besides itself and the ground. The scripts at the top join them."""
PACKAGES = {
    "pickles": set(),
    "model": {"msgspec"},
    "inspection": {"msgspec"},
    "tables": set(),
    "watch": {"msgspec"},
    "server": {"msgspec", "prometheus_client", "pythonjsonlogger", "gunicorn"},
    "web": {"msgspec", "flask", "werkzeug"},
    "web/pages": {"msgspec", "flask", "werkzeug", "flask_swagger_ui"},
    "workbooks": {"xlsxwriter"},
    "batch": {"click", "numpy", "pyarrow", "pyspark"},
    "training": {"numpy", "pandas", "pyarrow", "scipy", "sklearn"},
    "report": {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "jinja2", "markupsafe"},
}
"""The packages that a room may import besides the standard library."""
ALONE = {
    "gunicorn": {"server/worker.py"},
    "prometheus_client": {"server/metrics.py", "server/metric_files.py"},
    "pyspark": {"batch/spark.py"},
    "click": {"batch/command.py", "batch/options.py", "__main__.py"},
    "xlsxwriter": {"workbooks/writer.py"},
    "matplotlib": {"report/plots.py", "report/shape_plots.py", "report/svg.py"},
}
"""Packages that only these modules may import."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CHURN)))
def test_a_module_imports_only_what_its_room_allows(path):
    name, own = name_of(path), ours(path)
    if name in GROUND:
        assert own <= GROUND
        allowed = set()
    elif name == JOINED:
        assert ours(path, anywhere=False) <= GROUND
        allowed = {"click"}
    else:
        room = "web" if name == JOINER_OF_WEB else room_of(name)
        may = ROOMS[room] | {room, "ground"} | ({"web/pages"} if name == JOINER_OF_WEB else set())
        assert set(map(room_of, own)) <= may
        allowed = PACKAGES[room]
    packages = {module.split(".")[0] for module in imports(path)} - {"churn", "_typeshed"}
    assert packages - sys.stdlib_module_names <= allowed
    for package, places in ALONE.items():
        assert package not in packages or str(path.relative_to(CHURN)) in places


def test_code_that_serves_imports_no_room_that_the_image_leaves_out():
    for path in [PROJECT / "predict.py", PROJECT / "gunicorn.conf.py", *MODULES]:
        if path.parent == PROJECT or name_of(path).split(".")[0] not in NOT_SERVED:
            anywhere = path.name != f"{JOINED}.py"
            left_out = {module.split(".")[0] for module in ours(path, anywhere=anywhere)} & NOT_SERVED
            assert left_out == ({"batch"} if path.name == "predict.py" else set())  # where churn.batch is there


def test_imports_form_no_circle():
    graph = {name_of(path): ours(path) for path in MODULES}
    while graph:
        leaves = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert leaves, f"a circle among {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CHURN)))
def test_modules_stay_small(path):
    assert len(path.read_text().splitlines()) <= 250
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name


def test_the_picture_in_the_docs_is_of_this_house():
    assert f"```mermaid\n{draw_picture()}\n```" in ARCHITECTURE.read_text(encoding="utf-8"), "python -m tests.house"


@pytest.mark.parametrize(
    "room", ["batch", "workbooks", "tables", "training", "model", "pickles", "inspection", "watch"]
)
def test_a_module_is_tested_in_a_file_of_its_name_or_the_folder_names_another(room):
    folder = PROJECT / "tests" / room
    modules = {path.stem for path in (CHURN / room).glob("*.py")} - {"__init__"}
    files = {path.stem for path in folder.glob("test_*.py")}
    text = (folder / "__init__.py").read_text(encoding="utf-8")
    named = set(re.findall(r"\w+", text))
    assert {module for module in modules if f"test_{module}" not in files} <= named
    assert {file for file in files if file.removeprefix("test_") not in modules} <= named
    for place in re.findall(r"tests/[\w/]+\.py", text):
        assert (PROJECT / place).is_file(), place
    named_files = {word for word in named if word.startswith("test_")}
    assert named_files <= files | {Path(place).stem for place in re.findall(r"tests/[\w/]+\.py", text)}
