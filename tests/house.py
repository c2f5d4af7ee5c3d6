"""The imports between the modules of churn/. `python -m tests.house` redraws the picture of them."""

import ast
from pathlib import Path

from tests.customers import PROJECT

CHURN = PROJECT / "churn"
NOT_SERVED = {"batch", "training", "report", "workbooks"}
"""The rooms that the image leaves out."""
MODULES = sorted(path for path in CHURN.rglob("*.py") if path.name != "__init__.py")
GROUND = {"errors", "files", "installed", "nouns", "signals"}
"""Modules directly in churn/, which every room may import."""
SCRIPTS = ("predict.py", "train.py", "gunicorn.conf.py")
ARCHITECTURE = PROJECT / "docs" / "architecture.md"
BEGIN, END = "```mermaid\n", "```\n"


def imports(path: Path, *, anywhere: bool = True) -> set[str]:
    """Every module that a file imports, anywhere in it or only at its top level; of churn/ the full name."""
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
    """True if a dotted name is a module or a package of churn/, rather than a name inside of a module."""
    path = PROJECT / name.replace(".", "/")
    return name.startswith("churn.") and (path.is_dir() or path.with_suffix(".py").is_file())


def ours(path: Path, *, anywhere: bool = True) -> set[str]:
    """The modules of churn/ that a file imports, without the package's name."""
    found = imports(path, anywhere=anywhere)
    return {name.removeprefix("churn.") for name in found if name.startswith("churn.")}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(CHURN).with_suffix("").parts)


def read_rooms() -> dict[str, list[str]]:
    """The modules' names by room. web/pages is a room next to web, and the ground has no folder."""
    rooms: dict[str, list[str]] = {}
    for path in MODULES:
        if path.name not in ("__main__.py", "app.py"):
            rooms.setdefault(room_of(name_of(path)), []).append(path.stem)
    return rooms


def room_of(module: str) -> str:
    """The room of one of our modules: "web/pages" for "web.pages.form", "ground" for "errors".

    web/app.py joins web/ and web/pages/, so it is drawn by itself.
    """
    if module == "web.app":
        return "web/app.py"
    return "/".join(module.split(".")[:-1]) or "ground"


def read_arrows() -> dict[str, set[str]]:
    """For each room and each script at the top, the rooms that it imports."""
    arrows: dict[str, set[str]] = {}
    scripts = [PROJECT / name for name in SCRIPTS]
    for path in [*MODULES, *scripts]:
        user = (
            path.name if path in scripts else "python -m churn" if path.stem == "__main__" else room_of(name_of(path))
        )
        arrows.setdefault(user, set()).update(map(room_of, ours(path)))
        arrows[user].discard(user)
    return arrows


def draw_picture() -> str:
    """The rooms and their imports as a Mermaid flowchart, without arrows that other arrows imply."""
    arrows = read_arrows()

    def reaches(room: str, above: tuple[str, ...] = ()) -> set[str]:
        assert room not in above, f"a circle of rooms: {' -> '.join((*above, room))}"
        return arrows.get(room, set()).union(*(reaches(below, (*above, room)) for below in arrows.get(room, ())))

    lines = ["flowchart TD"]
    for room, modules in sorted(read_rooms().items()):
        lines.append(f'    {node(room)}["<b>{room}</b><br>{fold(modules)}"]')
    for user in sorted(arrows):
        if user not in read_rooms():
            lines.append(f"    {node(user)}([{user}])")
    for user, rooms in sorted(arrows.items()):
        below = set().union(*(reaches(room) for room in rooms))
        lines += [f"    {node(user)} --> {node(room)}" for room in sorted(rooms - below)]
    return "\n".join(lines)


def node(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def fold(modules: list[str]) -> str:
    """The names, three to a line."""
    return "<br>".join(" ".join(modules[at : at + 3]) for at in range(0, len(modules), 3))


def main() -> None:
    """Redraw the picture in docs/architecture.md."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"{ARCHITECTURE} has no place for the picture"
    ARCHITECTURE.write_text(before + BEGIN + draw_picture() + "\n" + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
