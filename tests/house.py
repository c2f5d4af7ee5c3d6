"""The house as its imports show it: which module of churn/ imports which."""

import ast
from pathlib import Path

from tests.customers import PROJECT

CHURN = PROJECT / "churn"
NOT_SERVED = {"batch", "training", "report"}
"""The rooms that the image has not."""
MODULES = sorted(path for path in CHURN.rglob("*.py") if path.name != "__init__.py")


def imports(path: Path, *, anywhere: bool = True) -> set[str]:
    """Every module that a file imports, anywhere in it or at its top level; of ours the module."""
    found = set()
    module = ast.parse(path.read_text())
    for node in ast.walk(module) if anywhere else module.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if _is_ours(name) else str(node.module) for name in names}
    return found


def _is_ours(name: str) -> bool:
    """True when a dotted name is a module or a package of churn/, and not something inside of one."""
    path = PROJECT / name.replace(".", "/")
    return name.startswith("churn.") and (path.is_dir() or path.with_suffix(".py").is_file())


def ours(path: Path, *, anywhere: bool = True) -> set[str]:
    """The modules of churn/ that a file imports, without the package's name."""
    found = imports(path, anywhere=anywhere)
    return {name.removeprefix("churn.") for name in found if name.startswith("churn.")}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(CHURN).with_suffix("").parts)
