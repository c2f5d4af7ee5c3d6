"""The documents as the tests read them: tables, and commands with their output."""

import re
import shlex
from typing import NamedTuple

from tests.customers import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
API = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
FILES = (PROJECT / "docs" / "files.md").read_text(encoding="utf-8")
MODELS = (PROJECT / "docs" / "models.md").read_text(encoding="utf-8")
TRAINING = (PROJECT / "docs" / "training.md").read_text(encoding="utf-8")


class Command(NamedTuple):
    """A command of a console block, as the shell splits it, and what is shown below it."""

    words: list[str]
    shown: str


class Request(NamedTuple):
    """What a curl of a document sends to the service, and the answer that the document shows."""

    path: str
    headers: dict[str, str]
    body: bytes
    shown: str


def read_table(heading: str, text: str) -> list[list[str]]:
    """The cells of each row of the tables of a document whose first column has this heading."""
    rows: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        inside = line.startswith("|") and (inside or cells[0] == heading)
        if inside and cells[0] != heading and not set(line) <= {"|", "-"}:
            rows.append(cells)
    return rows


def read_code(cell: str) -> list[str]:
    """What a cell, or any other text, has between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def read_commands(text: str) -> list[Command]:
    """The commands of all console blocks, in their order."""
    commands = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = command.splitlines(keepends=True)
            end = next(end for end in range(1, len(lines) + 1) if _is_whole("".join(lines[:end])))
            commands.append(Command(shlex.split("".join(lines[:end])), "".join(lines[end:])))
    return commands


def _is_whole(text: str) -> bool:
    """True when a command has no open quotation and goes on in no further line."""
    try:
        shlex.split(text)
    except ValueError:
        return False
    return not text.endswith("\\\n")


def read_requests(text: str) -> list[Request]:
    """The curls that POST to the service, in their order."""
    requests = []
    for words, shown in read_commands(text):
        if words[0] == "curl":
            _, _, path = words[2].partition("localhost:9696")
            headers = dict(words[place + 1].split(": ") for place, word in enumerate(words) if word == "-H")
            body = words[words.index("-d" if "-d" in words else "--data-binary") + 1]
            content = (PROJECT / body[1:]).read_bytes() if body.startswith("@") else body.encode()
            requests.append(Request(path, headers, content, shown))
    return requests
