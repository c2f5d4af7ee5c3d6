"""A drift report as lines for a terminal: figures next to the test part's, fields by their distance from training.

Owns the wording and the order; `report` has the content.
"""

from collections.abc import Iterator, Sequence

from churn.watch.drift import FieldDrift
from churn.watch.expected import Figure
from churn.watch.report import DriftReport

_FIGURES = {"churn_rate": "churn rate", "auc": "AUC", "log_loss": "log loss", "profit": "profit for each customer"}
_VERDICTS = {True: "yes", None: "can't tell", False: "no"}


def describe_report(report: DriftReport) -> Iterator[str]:
    """The lines: the first note, the expected figures, the fields with the drifted ones first, the other notes."""
    first, *others = report.notes
    yield first
    yield f"Model {report.model}, threshold {report.threshold:g}."
    yield ""
    figures = map(_describe_figure, report.expected.items())
    yield from _align([("expected", "value", "95 % by chance", "test part"), *figures], "<>>>")
    yield ""
    fields = sorted(report.fields, key=_rank)
    yield from _align([("field", "distance", "p", "drifted", ""), *map(_describe_field, fields)], "<>><<")
    yield ""
    yield from others


def _describe_figure(named: tuple[str, Figure | None]) -> tuple[str, ...]:
    name, figure = named
    if figure is None:
        return _FIGURES[name], "-", "-", "-"
    value, low, high = (_show(name, number) for number in (figure.value, figure.low, figure.high))
    tested = "-" if figure.test is None else _show(name, figure.test)
    return _FIGURES[name], value, f"{low} to {high}", tested


def _show(name: str, number: float) -> str:
    return f"{number:,.2f}" if name == "profit" else f"{number:.4f}"


def _describe_field(field: FieldDrift) -> tuple[str, ...]:
    name = field.field if field.field.isprintable() else ascii(field.field)
    if field.distance is None or field.p is None:
        return name, "-", "-", _VERDICTS[field.drifted], field.note
    p = "<0.0001" if field.p < 0.0001 else f"{field.p:.4f}"
    return name, f"{field.distance:.3f}", p, _VERDICTS[field.drifted], field.note


def _rank(field: FieldDrift) -> tuple[int, float]:
    """The sort key: drifted fields first, then those without a verdict, in each group the farthest first."""
    return list(_VERDICTS).index(field.drifted), -(field.distance or 0.0)


def _align(rows: Sequence[tuple[str, ...]], sides: str) -> Iterator[str]:
    """The rows as lines, each cell as wide as its column: left-aligned for `<` in `sides`, right-aligned for `>`."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)]
        yield "  ".join(cells).rstrip()
