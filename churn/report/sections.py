"""The sections of a report: what each has to show of the findings, as values for its template.

Owns which figures are shown and how many of them; the figures themselves are diagnostics', odds', exploration's
and campaign's, the drawing is plots'.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from markupsafe import Markup
from sklearn.metrics import average_precision_score

from churn.model.card import DEFAULT_THRESHOLD
from churn.model.contract import Category, Field, Flag, Number
from churn.report.diagnostics import (
    calibration_bins,
    gains,
    gains_by_decile,
    operating_point,
    precision_recall,
    roc,
    subgroup_fields,
    subgroup_figures,
)
from churn.report.exploration import churn_by_category, mutual_information
from churn.report.odds import CategoryOdds, FlagOdds, NumberOdds, odds_ratios
from churn.report.plots import (
    plot_calibration,
    plot_folds,
    plot_gains,
    plot_lift,
    plot_precision_recall,
    plot_profit,
    plot_roc,
)
from churn.training.findings import Findings
from churn.training.verdict import judge

MOST_CATEGORIES = 20
"""Categories of one field that a table shows: the largest."""
MOST_FIELDS = 40
"""Fields of a kind that a section shows, the contract excepted: those that tell the most."""

Section = dict[str, Any]
_Row = TypeVar("_Row")


def sections(findings: Findings) -> dict[str, Callable[[Findings], Section]]:
    """The sections by name, in the order of the page; each is made by calling it with the findings."""
    made: dict[str, Callable[[Findings], Section]] = {
        "summary": _summary,
        "ranking": _ranking,
        "calibration": _calibration,
        "lift": _lift,
        "odds": _odds,
        "churn": _churn,
        "subgroups": _subgroups,
        "money": _money,
        "contract": _contract,
    }
    if findings.campaign is None:
        del made["money"]
    return made


def _summary(findings: Findings) -> Section:
    y, folds, auc = findings.y, findings.folds, findings.figures["auc"]
    interval, verdict = findings.auc_interval, judge(findings)
    return {
        "verdict": verdict,
        "interval": interval,
        "gap": verdict.gap,
        "mean": float(np.mean(folds)),
        "spread": float(np.std(folds)),
        "folds": _drawn(plot_folds(folds, auc, interval)),
        "tested": len(y),
        "left": int(y.sum()),
    }


def _ranking(findings: Findings) -> Section:
    y, probabilities = findings.y, findings.probabilities
    points = [operating_point(y, probabilities, threshold=one) for one in findings.thresholds]
    average, churn_rate = float(average_precision_score(y, probabilities)), float(y.mean())
    curve = precision_recall(y, probabilities)
    return {
        "points": points,
        "average_precision": average,
        "churn_rate": churn_rate,
        "roc": _drawn(plot_roc(roc(y, probabilities), findings.figures["auc"], points)),
        "precision_recall": _drawn(plot_precision_recall(curve, average, churn_rate, points)),
    }


def _calibration(findings: Findings) -> Section:
    bins = calibration_bins(findings.y, findings.probabilities)
    return {"bins": bins, "plot": _drawn(plot_calibration(bins))}


def _lift(findings: Findings) -> Section:
    deciles = gains_by_decile(findings.y, findings.probabilities)
    curve = gains(findings.y, findings.probabilities)
    return {"deciles": deciles, "gains": _drawn(plot_gains(curve, deciles)), "bars": _drawn(plot_lift(deciles))}


def _odds(findings: Findings) -> Section:
    customers = findings.table.customers.iloc[findings.train]
    odds = odds_ratios(customers, findings.contract, findings.dv, findings.model)
    numbers, flags = odds.numbers[:MOST_FIELDS], odds.flags[:MOST_FIELDS]
    fields = [
        (one.field, *_largest(one.categories, lambda category: category.customers))
        for one in odds.categories[:MOST_FIELDS]
    ]
    shown: list[NumberOdds | FlagOdds | CategoryOdds] = [*numbers, *flags]
    shown += [category for _, categories, _ in fields for category in categories]
    return {
        "numbers": numbers,
        "flags": flags,
        "fields": fields,
        "more": len(findings.contract.fields) - len(numbers) - len(flags) - len(fields),
        "widest": max(abs(one.log_odds) for one in shown) or 1.0,
    }


def _churn(findings: Findings) -> Section:
    """The whole table's churn rates, by the fields that tell the most of churn first."""
    asked = [field.name for field in findings.contract.fields if isinstance(field, Category | Flag)]
    told = [str(name) for name in mutual_information(findings.table).index if name in asked]
    told += [name for name in asked if name not in told]
    fields = []
    for name in told[:MOST_FIELDS]:
        rates = churn_by_category(findings.table, name).reset_index(names="value").to_dict(orient="records")
        fields.append((name, *_largest(rates, lambda row: int(row["customers"]))))
    return {
        "fields": fields,
        "more": len(told) - len(fields),
        "rate": float(findings.table.y.mean()),
        "widest": max((row["churn_rate"] for _, rows, _ in fields for row in rows), default=1.0) or 1.0,
    }


def _subgroups(findings: Findings) -> Section:
    fields = subgroup_fields(findings.contract)
    customers, fitted_on = (findings.table.customers.iloc[rows] for rows in (findings.test, findings.train))
    groups = subgroup_figures(customers, findings.y, findings.probabilities, fields=fields, fitted_on=fitted_on)
    return {"groups": [(field, [one for one in groups if one.field == field]) for field in fields]}


def _money(findings: Findings) -> Section:
    """What contacting from some thresholds on earns; the best one is infinite where nobody should be contacted."""
    campaign, y, probabilities = findings.campaign, findings.y, findings.probabilities
    if campaign is None:
        return {}
    curve = campaign.profit_curve(y, probabilities)
    plans = [
        ("D", "The threshold of the campaign", campaign.threshold),
        ("s", "The usual threshold", DEFAULT_THRESHOLD),
        ("o", "The best in hindsight", curve.best),
        ("", "Everybody", 0.0),
    ]
    rows = []
    for marker, name, threshold in plans:
        earned = campaign.profit(y, probabilities, threshold=threshold)
        rows.append((marker, name, threshold, int((probabilities >= threshold).sum()), earned))
    points = [(marker, contacted, earned) for marker, _, _, contacted, earned in rows if marker]
    return {"rows": rows, "customers": len(y), "plot": _drawn(plot_profit(curve, len(y), points))}


def _contract(findings: Findings) -> Section:
    logarithms = sum(name.startswith("log1p(") for name in findings.dv.feature_names_)
    return {"fields": list(_describe(findings.contract.fields)), "logarithms": logarithms}


def _describe(fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    for field in fields:
        described: dict[str, Any] = {"name": field.name, "kind": type(field).__name__.lower()}
        if isinstance(field, Category):
            described["categories"] = field.categories[:MOST_CATEGORIES]
            described["more"] = max(len(field.categories) - MOST_CATEGORIES, 0)
        else:
            described["expected"] = field.expected
        if isinstance(field, Number):
            described |= {"minimum": field.minimum, "maximum": field.maximum, "blank": field.blank}
        yield described


def _largest(rows: Sequence[_Row], size: Callable[[_Row], int]) -> tuple[list[_Row], int]:
    """The largest rows in the order that they came in, and how many more there are."""
    kept = sorted(range(len(rows)), key=lambda row: -size(rows[row]))[:MOST_CATEGORIES]
    return [rows[row] for row in sorted(kept)], len(rows) - len(kept)


def _drawn(svg: str) -> Markup:
    """A plot as the template takes it in: plots has escaped its title, and no name of a table is in it."""
    return Markup(svg)  # noqa: S704
