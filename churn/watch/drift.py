"""Drift: the fields whose distribution among the answered customers differs from that in training.

It detects customers that changed, not customers that behave differently, since it uses no labels.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from churn.watch.chi_square import shift_found
from churn.watch.two_samples import find_distance, find_p

LEAST_DISTANCE = 0.05
"""A share of customers. A field closer to training is never called drifted, however many answers there are."""
LEVEL = 0.05
"""The probability that one look calls some field drifted although all are distributed as in training."""
LEVEL_OF_EACH_LOOK = LEVEL / 10
"""The level of one look where growing counts are looked at repeatedly, as those of the service are.

In a simulation without drift (tests/test_statistics), services had 100 looks, each 50 answers after the last. At
LEVEL 30 % of them had a field called drifted at some look, at this level 4 %. A tenth is enough, because successive
looks share most of their customers, and because LEAST_DISTANCE prevents false alarms after some thousand answers. A
shift of 0.1 needs a third more answers to be detected.
"""
POWER = 0.8
"""The probability of detecting a shift of twice a field's limit; only with it a field is called "not drifted"."""


class FieldCounts(NamedTuple):
    """A field's counts in the same cells: `reference` for the rows that the model was fitted on, `live` for answers.

    `folds_distance` is the largest distance between folds of training's rows beyond chance, 0 to 1.
    """

    field: str
    reference: Sequence[int]
    live: Sequence[int]
    folds_distance: float


class FieldDrift(Struct, frozen=True):
    """The comparison of one field with training.

    `distance` is the total variation distance, 0 to 1, and `p` the field's own p-value, before Holm's correction;
    both are None without answers. `drifted` is None where the counts are too few for a verdict, and `note` says why.
    """

    field: str
    distance: float | None
    p: float | None
    drifted: bool | None
    note: str


class _Rule(NamedTuple):
    """The rule for a verdict: the level, the number of fields, and whether they are compared with training."""

    level: float
    fields: int
    with_training: bool


def find_drift(
    fields: Sequence[FieldCounts], *, level: float = LEVEL, with_training: bool = True
) -> list[FieldDrift]:
    """The comparison of each field with training, or with other customers, in the order of the fields.

    A field is drifted when its p-value is below `level` after Holm's correction over all fields (A simple
    sequentially rejective multiple test procedure, 1979) and its distance is above both `folds_distance` and
    LEAST_DISTANCE.
    """
    rule = _Rule(level, len(fields), with_training)
    p_values = [find_p(field.reference, field.live) for field in fields]
    return [
        _judge(field, p, corrected, rule)
        for field, p, corrected in zip(fields, p_values, correct(p_values), strict=True)
    ]


def correct(p_values: Sequence[float]) -> list[float]:
    """The p-values with Holm's correction, in their order.

    >>> correct([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, largest = [1.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def answers_needed(field: FieldCounts, *, of: int, level: float = LEVEL) -> int | None:
    """The number of answers for a verdict on a field, to two digits; None if training had too few rows for one.

    With this number a shift of twice the field's limit is detected with the probability POWER, even if it is the
    smallest p-value of `of` fields. For n answers and m rows, a shift of total variation d has a noncentrality of at
    least 4 d**2 / (1 / n + 1 / m), by the Cauchy-Schwarz inequality.
    """
    cells = sum(1 for was, now in zip(field.reference, field.live, strict=True) if was + now)
    shift = 2 * _limit(field)
    needed = shift_found(max(cells - 1, 1), level / max(of, 1), POWER) / (4 * shift**2)
    rows = sum(field.reference)
    if rows <= needed:
        return None
    exact = 1 / (1 / needed - 1 / rows)
    unit = int(10.0 ** max(0, math.floor(math.log10(exact)) - 1))
    return math.ceil(exact / unit) * unit


def _judge(field: FieldCounts, p: float, corrected: float, rule: _Rule) -> FieldDrift:
    answers, rows = sum(field.live), sum(field.reference)
    needed = answers_needed(field, of=rule.fields, level=rule.level)
    if not rows:
        return FieldDrift(field.field, None, None, None, "training has no counts of this field")
    short = f"{answers:,} answer{'' if answers == 1 else 's'}; {needed:,} are needed" if needed else ""
    plural, are = ("", "is") if rows == 1 else ("s", "are")
    compared = f"training's {rows:,} row{plural}" if rule.with_training else f"the {rows:,} customer{plural} before"
    short = short or f"{compared} {are} too few"
    if not answers:
        return FieldDrift(field.field, None, None, None, short)
    distance, limit = find_distance(field.reference, field.live), _limit(field)
    if corrected < rule.level and distance > limit:
        return FieldDrift(field.field, distance, p, True, "")
    if needed is None or answers < needed:
        return FieldDrift(field.field, distance, p, None, short)
    return FieldDrift(field.field, distance, p, False, _explain_kept(field) if corrected < rule.level else "")


def _limit(field: FieldCounts) -> float:
    return max(field.folds_distance, LEAST_DISTANCE)


def _explain_kept(field: FieldCounts) -> str:
    if field.folds_distance > LEAST_DISTANCE:
        return f"differs by no more than training's own folds, {field.folds_distance:.2f}"
    return f"differs by no more than {LEAST_DISTANCE}, which is too little to matter"
