"""Rows of tables in Markdown."""

from collections.abc import Iterable, Sequence


def row(cells: Sequence[str], *, head: bool = False) -> list[str]:
    """The line of a row; with `head`, also the separator line below it."""
    line = f"| {' | '.join(cells)} |"
    return [line, "|---" * len(cells) + "|"] if head else [line]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    return [*row(header, head=True), *(line for cells in rows for line in row(cells))]
