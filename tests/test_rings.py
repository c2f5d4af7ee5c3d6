"""Imports point inwards: pure <- files <- edge; Flask stays at the edge, what trains stays with training."""

import ast
from pathlib import Path

import pytest
from conftest import PROJECT

PURE = {
    "errors",
    "spelling",
    "contract",
    "scoring",
    "explaining",
    "customer_csv",
    "scored_csv",
    "answer_columns",
    "json_schema",
}
FILES = {
    "files",
    "pickled_arrays",
    "model_pickle",
    "positive_class",
    "column_contract",
    "seal",
    "pair",
    "model_file",
    "served_model",
}
TRAINS = {
    "data",
    "exploration",
    "training",
    "evaluation",
    "campaign",
    "contract_changes",
    "gate",
    "diagnostics",
    "odds",
    "drawing",
    "plots",
    "verdict",
    "summary",
    "findings",
    "refused",
    "sections",
    "report",
}  # of the same rings, but with pandas and scikit-learn
BY_COLUMN = {
    "columns",
    "table_scoring",
    "csv_blocks",
    "csv_scoring",
    "table_files",
    "parquet_batches",
    "batch",
}  # with NumPy and pyarrow: tables of any size
SPARK = {"spark"}  # by column, on a cluster
SERVES = PURE | FILES
EDGE_ONLY = {"flask", "werkzeug", "click", "gunicorn", "requests"}  # gunicorn: its worker and its configuration
TRAINS_ONLY = {"pandas", "sklearn", "scipy", "matplotlib"}
BY_COLUMN_ONLY = {"numpy", "pyarrow"}
SPARK_ONLY = {"pyspark"}
MODULES = sorted((PROJECT / "churn").rglob("*.py")) + [PROJECT / name for name in ("predict.py", "gunicorn.conf.py")]


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            found |= {
                f"{node.module}.{alias.name}" if node.module == "churn" else str(node.module) for alias in node.names
            }
    return found


def ours(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("churn.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_imports_only_what_its_ring_may(path):
    packages = {name.split(".")[0] for name in imports(path)}
    name, at_the_edge = path.stem, path.parent.name == "web" or path.parent == PROJECT
    if not at_the_edge:
        assert not packages & EDGE_ONLY
    if name not in TRAINS:
        assert not packages & TRAINS_ONLY
        assert "jinja2" not in packages  # the service's pages are Flask's
        assert not ours(path) & TRAINS
    if name not in SPARK:
        assert not packages & SPARK_ONLY
        assert not ours(path) & SPARK
    if name not in BY_COLUMN | SPARK:
        assert not packages & (BY_COLUMN_ONLY - ({"numpy"} if name in TRAINS else set()))
        assert at_the_edge or not ours(path) & BY_COLUMN
    if name in PURE:
        assert ours(path) <= PURE
    elif name in FILES | TRAINS:
        assert ours(path) <= SERVES | TRAINS
    elif name in BY_COLUMN | SPARK:
        assert ours(path) <= SERVES | BY_COLUMN


def test_every_module_has_a_ring():
    modules = {path.stem for path in (PROJECT / "churn").glob("*.py")}
    assert modules == SERVES | TRAINS | BY_COLUMN | SPARK | {"__init__"}


def test_no_import_goes_round_in_a_circle():
    graph = {path.stem: ours(path) for path in (PROJECT / "churn").glob("*.py")}
    while graph:
        leaves = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert leaves, f"a circle among {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_modules_stay_small(path):
    tree = ast.parse(path.read_text())
    assert len(path.read_text().splitlines()) <= 250
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name != "create_app":  # the routes, one under the other
            assert node.end_lineno - node.lineno < 40, node.name
