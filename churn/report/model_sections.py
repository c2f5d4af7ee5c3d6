"""The sections of a report on the model itself: odds ratios, curves, pairs of fields.

Owns the selection of the figures and their number; `odds`, `shapes` and `field_pairs` compute them.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, TypeVar

import pandas as pd
from markupsafe import Markup

from churn.model.odds import odds_ratio
from churn.report.field_pairs import FieldPair, find_field_pairs
from churn.report.formats import distinct_figures
from churn.report.odds import CategoryOdds, FlagOdds, NumberOdds, odds_ratios
from churn.report.own_parts import OwnParts
from churn.report.shape_plots import CLASSES, COLOURS, plot_field_pair, plot_shape
from churn.report.shapes import Shape, find_shapes
from churn.training.findings import Fit
from churn.training.ladder import CLEARLY, NEARLY, Ladder
from churn.training.rungs import Rung
from churn.training.screening import find_steps, nearly_copies

MOST_CATEGORIES = 20
"""The number of categories of one field that a table shows, the largest ones."""
MOST_FIELDS = 40
"""The number of fields of a kind that a section shows, the strongest ones; the contract's section shows all."""
OPEN_CURVES = 9
"""The number of curves that are shown at once; the others unfold."""
_RECIPES = {
    Rung.NONE: "plain columns",
    Rung.SCALED: "plain columns, scaled for the penalty",
    Rung.SHAPES: "shapes: a curve for each number",
    Rung.PAIRS: "shapes and pairs of fields",
}

Section = dict[str, Any]
_Row = TypeVar("_Row")


def compare_recipes(ladder: Ladder, *, chosen: Rung) -> Section:
    """The compared recipes, the simplest first, each with its lead over plain columns.

    `chosen` is the model's rung. It is simpler than the ladder's if all rows together show no pair of fields.
    """
    rows = []
    for rung, loss in ladder.losses.items():
        gain, error = ladder.leads.get(rung, (None, None))
        errors = gain / error if gain is not None and error else None
        rows.append({"name": _RECIPES[rung], "loss": loss, "gain": gain, "errors": errors, "chosen": rung == chosen})
    failed = "; ".join(_RECIPES[rung] for rung in ladder.failed)
    copies = {"copies": ladder.copies, "of": ladder.rows}
    return {"rows": rows, "clearly": CLEARLY, "nearly": NEARLY, "failed": failed, "reason": ladder.reason, **copies}


def make_odds(customers: pd.DataFrame, fit: Fit, parts: OwnParts) -> Section:
    """The odds ratios of the fields, the strongest effect on `customers` first; the model was fitted on these."""
    odds = odds_ratios(customers, fit.contract, parts)
    numbers, flags = odds.numbers[:MOST_FIELDS], odds.flags[:MOST_FIELDS]
    fields = [
        (field.field, *largest(field.categories, lambda category: category.customers))
        for field in odds.categories[:MOST_FIELDS]
    ]
    shown: list[NumberOdds | FlagOdds | CategoryOdds] = [*numbers, *flags]
    shown += [category for _, categories, _ in fields for category in categories]
    return {
        "numbers": numbers,
        "flags": flags,
        "fields": fields,
        "more": len(fit.contract.fields) - len(numbers) - len(flags) - len(fields),
        "widest": max(abs(difference.log_odds) for difference in shown) or 1.0,
        "have_pairs": bool(parts.together),
    }


def make_curves(customers: pd.DataFrame, fit: Fit, parts: OwnParts) -> Section:
    """The curves of the numbers, each as a picture and as a table, the strongest effect on the customers first."""
    shapes = find_shapes(customers, fit.contract, parts)
    copies = _find_near_copies(customers, fit, [shape.field for shape in shapes[:MOST_FIELDS]])
    drawn = [
        _draw_curve(number, shape, len(customers)) | {"copies": copies[shape.field]}
        for number, shape in enumerate(shapes[:MOST_FIELDS], start=1)
    ]
    return {
        "shown": drawn[:OPEN_CURVES],
        "folded": drawn[OPEN_CURVES:],
        "more": len(shapes) - len(drawn),
        "count": len(shapes),
        "have_blanks": any(shape.blank for shape in shapes),
        "have_pairs": bool(parts.together),
    }


def _find_near_copies(customers: pd.DataFrame, fit: Fit, fields: Sequence[str]) -> dict[str, list[str]]:
    """For each of these fields, the other fields that it nearly copies."""
    steps = find_steps(customers, fit.contract)
    known = [field for field in fields if field in steps]
    copies: dict[str, list[str]] = {field: [] for field in fields}
    for first, second in combinations(known, 2):
        if nearly_copies(steps[first], steps[second]):
            copies[first].append(second)
            copies[second].append(first)
    return copies


def _draw_curve(number: int, shape: Shape, customers: int) -> dict[str, Any]:
    known = [knot.value for knot in shape.knots if knot.value is not None]
    names = [*distinct_figures(known), *(["(blank)"] if shape.blank else [])]
    rows = [
        (name, odds_ratio(knot.log_odds), knot.customers / customers)
        for name, knot in zip(names, shape.knots, strict=True)
    ]
    return {"field": shape.field, "plot": drawn(plot_shape(f"curve-{number}", shape)), "rows": rows}


def make_field_pairs(customers: pd.DataFrame, fit: Fit, parts: OwnParts) -> Section:
    """The pairs of fields, each as a picture and as a table, the strongest effect on the customers first."""
    pairs = find_field_pairs(customers, fit.contract, parts)
    return {
        "shown": [_draw_pair(number, pair) for number, pair in enumerate(pairs, start=1)],
        "colours": list(zip(COLOURS, ("", *CLASSES), (*CLASSES, ""), strict=True)),
    }


def _draw_pair(number: int, pair: FieldPair) -> dict[str, Any]:
    rows = [
        (label, [(odds_ratio(cell), share) for cell, share in zip(*cells, strict=True)])
        for label, *cells in zip(pair.down.labels, pair.log_odds.tolist(), pair.shares.tolist(), strict=True)
    ]
    return {
        "pair": pair,
        "extremes": [(cell, odds_ratio(cell.log_odds)) for cell in pair.extremes()],
        "plot": drawn(plot_field_pair(f"pair-{number}", pair)),
        "rows": rows,
    }


def largest(rows: Sequence[_Row], size: Callable[[_Row], int]) -> tuple[list[_Row], int]:
    """The largest MOST_CATEGORIES rows in their original order, and the number of further rows."""
    kept = sorted(range(len(rows)), key=lambda row: -size(rows[row]))[:MOST_CATEGORIES]
    return [rows[row] for row in sorted(kept)], len(rows) - len(kept)


def drawn(svg: str) -> Markup:
    """A plot marked as safe for the template: svg has escaped all text in it."""
    return Markup(svg)  # noqa: S704
