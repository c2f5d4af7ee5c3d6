"""The sections of a report: the values for the template of each, from the findings.

Owns the selection of the figures and their number. `diagnostics`, `exploration` and `campaign` compute the figures,
and `plots` draws them. `model_sections` has the sections on the model itself.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from churn.model.card import DEFAULT_THRESHOLD
from churn.model.event import Words, words_for
from churn.model.fields import Category, Field, Flag, Number
from churn.model.gain import Campaign
from churn.model.ranges import describe_range
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
from churn.report.model_sections import (
    MOST_CATEGORIES,
    MOST_FIELDS,
    Section,
    compare_recipes,
    drawn,
    largest,
    make_curves,
    make_field_pairs,
    make_odds,
)
from churn.report.own_parts import find_own_parts
from churn.report.periods import find_held_out, find_periods
from churn.report.plots import (
    plot_calibration,
    plot_folds,
    plot_gains,
    plot_lift,
    plot_precision_recall,
    plot_profit,
    plot_roc,
)
from churn.training.campaign import find_profit, find_profit_curve
from churn.training.findings import Findings, Fit, Tested
from churn.training.gate import Comparison
from churn.training.split import Split
from churn.training.verdict import Verdict
from churn.training.wording import describe_split


def sections(findings: Findings, verdict: Verdict) -> dict[str, Callable[[], Section]]:
    """The sections by name, in the order in which to make them; calling the value makes the section."""
    split, fit, tested = findings.split, findings.fit, findings.tested
    words, fitted_on = words_for(findings.event), split.table.customers.iloc[split.train]
    parts = find_own_parts(fitted_on, fit.contract, fit.dv, fit.model)
    made: dict[str, Callable[[], Section]] = {
        "summary": partial(_summary, findings, verdict),
        "ranking": partial(_ranking, fit, tested, findings.thresholds, words),
        "calibration": partial(_calibration, tested, words),
        "lift": partial(_lift, tested, words),
        "odds": partial(make_odds, fitted_on, fit, parts),
        "churn": partial(_churn, split, fit),
        "subgroups": partial(_subgroups, findings),
    }
    if parts.shaped:
        made["curves"] = partial(make_curves, fitted_on, fit, parts)
    if parts.together:
        made["field_pairs"] = partial(make_field_pairs, fitted_on, fit, parts)
    if split.is_by_time:
        made["periods"] = partial(_periods, findings)
    if findings.campaign:
        made["money"] = partial(_money, findings.campaign, tested, words)
    return made | {"contract": partial(_contract, findings)}


def _summary(findings: Findings, verdict: Verdict) -> Section:
    tested, folds, in_place = findings.tested, findings.fit.folds, findings.in_place
    comparison = in_place.comparison if in_place else None
    return {
        "verdict": verdict,
        "split": describe_split(findings.split),
        "interval": tested.auc_interval,
        "gap": verdict.gap,
        "mean": float(np.mean(folds)),
        "spread": float(np.std(folds)),
        "folds": drawn(plot_folds(folds, tested.figures["auc"], tested.auc_interval)),
        "tested": len(tested.y),
        "left": int(tested.y.sum()),
        "comparison": comparison if isinstance(comparison, Comparison) else None,
    }


def _periods(findings: Findings) -> Section:
    return {"test": find_periods(findings), "folds": find_held_out(findings)}


def _ranking(fit: Fit, tested: Tested, thresholds: Sequence[float], words: Words) -> Section:
    y, probabilities = tested.y, tested.probabilities
    points = [operating_point(y, probabilities, threshold=threshold) for threshold in thresholds]
    average, churn_rate = float(average_precision_score(y, probabilities)), float(y.mean())
    curve = precision_recall(y, probabilities)
    return {
        "points": points,
        "recipes": compare_recipes(fit.ladder, chosen=fit.rung),
        "average_precision": average,
        "churn_rate": churn_rate,
        "roc": drawn(plot_roc(roc(y, probabilities), tested.figures["auc"], points, words)),
        "precision_recall": drawn(plot_precision_recall(curve, average, churn_rate, points, words)),
    }


def _calibration(tested: Tested, words: Words) -> Section:
    bins = calibration_bins(tested.y, tested.probabilities)
    return {"bins": bins, "plot": drawn(plot_calibration(bins, words))}


def _lift(tested: Tested, words: Words) -> Section:
    deciles = gains_by_decile(tested.y, tested.probabilities)
    curve = gains(tested.y, tested.probabilities)
    found, bars = drawn(plot_gains(curve, deciles, words)), drawn(plot_lift(deciles, words))
    return {"deciles": deciles, "gains": found, "bars": bars}


def _churn(split: Split, fit: Fit) -> Section:
    """The churn rates of the whole table, the field with the most information about churn first."""
    table = split.table
    asked = [field.name for field in fit.contract.fields if isinstance(field, Category | Flag)]
    ordered = [str(name) for name in mutual_information(table).index if name in asked]
    ordered += [name for name in asked if name not in ordered]
    fields = []
    for name in ordered[:MOST_FIELDS]:
        rates = churn_by_category(table, name).reset_index(names="value").to_dict(orient="records")
        fields.append((name, *largest(rates, lambda row: int(row["customers"]))))
    return {
        "fields": fields,
        "more": len(ordered) - len(fields),
        "rate": float(table.y.mean()),
        "widest": max((row["churn_rate"] for _, rows, _ in fields for row in rows), default=1.0) or 1.0,
    }


def _subgroups(findings: Findings) -> Section:
    split, tested, fields = findings.split, findings.tested, subgroup_fields(findings.fit.contract)
    customers, fitted_on = (split.table.customers.iloc[rows] for rows in (tested.rows, split.train))
    groups = subgroup_figures(customers, tested.y, tested.probabilities, fields=fields, fitted_on=fitted_on)
    return {"groups": [(field, [group for group in groups if group.field == field]) for field in fields]}


def _money(campaign: Campaign, tested: Tested, words: Words) -> Section:
    """The profit of contacting from some thresholds on; the best one is infinite if no threshold has a profit."""
    y, probabilities = tested.y, tested.probabilities
    curve = find_profit_curve(campaign, y, probabilities)
    plans = [
        ("D", "The threshold of the campaign", campaign.threshold),
        ("s", "The usual threshold", DEFAULT_THRESHOLD),
        ("o", "The best in hindsight", curve.best),
        ("", "Everybody", 0.0),
    ]
    rows = []
    for marker, name, threshold in plans:
        earned = find_profit(campaign, y, probabilities, threshold=threshold)
        rows.append((marker, name, threshold, int((probabilities >= threshold).sum()), earned))
    points = [(marker, contacted, earned) for marker, _, _, contacted, earned in rows if marker]
    return {"rows": rows, "customers": len(y), "plot": drawn(plot_profit(curve, len(y), points, words))}


def _contract(findings: Findings) -> Section:
    contract, in_place = findings.fit.contract, findings.in_place
    return {
        "fields": list(_describe(contract.fields)),
        "groups": [list(map(str, group.values)) for group in contract.groups],
        "logarithms": sum(name.startswith("log1p(") for name in findings.fit.dv.feature_names_),
        "changes": in_place.changes if in_place else (),
    }


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
            described |= {"limits": describe_range(field.lowest, field.highest)}
        yield described
