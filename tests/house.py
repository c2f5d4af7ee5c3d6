"""The house as its imports show it: which module of churn/ imports which."""

import ast
from pathlib import Path

from tests.customers import PROJECT

CHURN = PROJECT / "churn"
NOT_SERVED = {"batch", "training", "report"}
"""The rooms that the image has not."""
MODULES = sorted(path for path in CHURN.rglob("*.py") if path.name != "__init__.py")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it; of our own the module, though a package is named."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            is_package = (PROJECT / str(node.module).replace(".", "/")).is_dir()
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if is_package and str(node.module).split(".")[0] == "churn" else {str(node.module)}
    return found


def ours(path: Path) -> set[str]:
    return {name.removeprefix("churn.") for name in imports(path) if name.startswith("churn.")}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(CHURN).with_suffix("").parts)
