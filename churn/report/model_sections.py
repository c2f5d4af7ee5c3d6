"""The sections of a report on what the model goes by: odds ratios, curves, pairs of fields.

Owns which figures are shown and how many of them; the figures are odds', shapes' and field_pairs'.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd
from markupsafe import Markup

from churn.model.odds_ratio import odds_ratio
from churn.report.field_pairs import FieldPair, find_field_pairs
from churn.report.formats import distinct_figures
from churn.report.odds import CategoryOdds, FlagOdds, NumberOdds, odds_ratios
from churn.report.own_parts import OwnParts
from churn.report.shape_plots import CLASSES, COLOURS, plot_field_pair, plot_shape
from churn.report.shapes import Shape, find_shapes
from churn.training.complexity import CLEARLY, Ladder
from churn.training.findings import Fit
from churn.training.rungs import Rung

MOST_CATEGORIES = 20
"""Categories of one field that a table shows: the largest."""
MOST_FIELDS = 40
"""Fields of a kind that a section shows, the contract excepted: those that reveal the most."""
OPEN_CURVES = 9
"""Curves that are shown at once; the others unfold."""
_RECIPES = {
    Rung.NONE: "plain columns",
    Rung.SCALED: "plain columns, scaled for the penalty",
    Rung.SHAPES: "shapes: a curve for each number",
    Rung.PAIRS: "shapes and pairs of fields",
}

Section = dict[str, Any]
_Row = TypeVar("_Row")


def compare_recipes(ladder: Ladder) -> Section:
    """The recipes that were compared, from the simplest up, with what each is ahead by of the best before it."""
    rows = []
    for rung, loss in ladder.losses.items():
        gain, error = ladder.leads.get(rung, (None, None))
        errors = gain / error if gain is not None and error else None
        rows.append(
            {"name": _RECIPES[rung], "loss": loss, "gain": gain, "errors": errors, "chosen": rung == ladder.rung}
        )
    copies = {"copies": ladder.copies, "of": ladder.rows}
    return {"rows": rows, "clearly": f"{CLEARLY:g}", "reason": ladder.reason, **copies}


def make_odds(customers: pd.DataFrame, fit: Fit, parts: OwnParts) -> Section:
    """The odds ratios of the fields, those first that move the `customers` most; the model was fitted on these."""
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
    """The curves of the numbers, as a picture and as a table each, those first that move the customers most."""
    shapes = find_shapes(customers, fit.contract, parts)
    drawn = [_draw_curve(number, shape, len(customers)) for number, shape in enumerate(shapes[:MOST_FIELDS], start=1)]
    return {
        "shown": drawn[:OPEN_CURVES],
        "folded": drawn[OPEN_CURVES:],
        "more": len(shapes) - len(drawn),
        "count": len(shapes),
        "have_blanks": any(shape.blank for shape in shapes),
        "have_pairs": bool(parts.together),
    }


def _draw_curve(number: int, shape: Shape, customers: int) -> dict[str, Any]:
    known = [knot.value for knot in shape.knots if knot.value is not None]
    names = [*distinct_figures(known), *(["(blank)"] if shape.blank else [])]
    rows = [
        (name, odds_ratio(knot.log_odds), knot.customers / customers)
        for name, knot in zip(names, shape.knots, strict=True)
    ]
    return {"field": shape.field, "plot": drawn(plot_shape(f"curve-{number}", shape)), "rows": rows}


def make_field_pairs(customers: pd.DataFrame, fit: Fit, parts: OwnParts) -> Section:
    """The pairs of fields, as a picture and as a table each, those first that move the customers most."""
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
    """The largest MOST_CATEGORIES rows in the order that they came in, and how many more there are."""
    kept = sorted(range(len(rows)), key=lambda row: -size(rows[row]))[:MOST_CATEGORIES]
    return [rows[row] for row in sorted(kept)], len(rows) - len(kept)


def drawn(svg: str) -> Markup:
    """A plot as the template takes it in: svg has escaped whatever text is in it."""
    return Markup(svg)  # noqa: S704
