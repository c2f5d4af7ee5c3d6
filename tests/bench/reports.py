"""The tables of a report, read from its Markdown."""

import re

Rows = dict[str, tuple[str, ...]]
"""A table's rows, as cells, by their first cell."""


def read_tables(text: str) -> dict[tuple[str, ...], Rows]:
    """Each table by its header; of several with the same header the first one."""
    found: dict[tuple[str, ...], Rows] = {}
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        head, _, *rows = block.splitlines()
        found.setdefault(_read_cells(head), {_read_cells(row)[0]: _read_cells(row) for row in rows})
    return found


def read_sections(text: str) -> dict[str, Rows]:
    """The first table below each heading, by the heading; "" is for the part above the first heading."""
    _, *parts = re.split(r"^#+ (.*)\n", "# \n" + text, flags=re.MULTILINE)
    tables = {heading: read_tables(part) for heading, part in zip(parts[::2], parts[1::2], strict=True)}
    return {heading: next(iter(found.values())) for heading, found in tables.items() if found}


def _read_cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|"))
