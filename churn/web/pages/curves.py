"""The curves of numbers as the page draws them: the effect of each number by itself, without the other fields.

Owns the pictures; `curve_words` has their words, and curve.js marks the customer on them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from churn.model.event import words_for
from churn.model.fields import Number
from churn.model.file import Model
from churn.model.number_part import NumberPart
from churn.model.odds import odds_ratio, spell_ratio
from churn.web.pages.curve_words import LEAST_CHANGE, Effect, list_values, word_curve
from churn.web.pages.labels import label_field, label_number

_MARGIN = 2  # above and below, for the width of the line
_STEPS = 64  # from one end of a curve to the other, since a curve may bend between its knots
_LEAST_HEIGHT = math.log(1.5)  # the least log-odds that a picture's scale spans, so that a flat curve looks flat


@dataclass(frozen=True)
class DrawnCurve:
    """A curve in a picture of `width` by `height` units, in which more risk is further up.

    `points` are those of an SVG polyline; `lowest` and `highest` are the numbers at its ends. `average_y` is the
    place of the average customer, `blank_y` that of a blank with a weight of its own, None without one. `top` and
    `bottom` are the odds at the ends of the scale, as multiples of the average customer's; `values` lists the odds of
    some numbers. `words` describes the curve.
    """

    width: ClassVar[int] = 100
    height: ClassVar[int] = 32

    lowest: float
    highest: float
    points: str
    average_y: float
    blank_y: float | None
    top: str
    bottom: str
    words: str
    values: str


@dataclass(frozen=True)
class _Scale:
    """The log-odds at the top and at the bottom of a picture."""

    top: float
    bottom: float

    @classmethod
    def over(cls, terms: Sequence[float]) -> "_Scale":
        """The scale that these log-odds and the average (0) fill; if they are nearly flat, they are in its middle."""
        high, low = max(0.0, *terms), min(0.0, *terms)
        room = max(_LEAST_HEIGHT - (high - low), 0.0) / 2
        return cls(high + room, low - room)

    def place(self, log_odds: float) -> float:
        """The distance of these log-odds from the top of the picture, in its units."""
        share = (self.top - log_odds) / (self.top - self.bottom)
        return round(_MARGIN + share * (DrawnCurve.height - 2 * _MARGIN), 2)


def draw_curves(model: Model) -> dict[str, DrawnCurve]:
    """The drawn curves of the card's numbers, by field. Each has a scale of its own, with the odds at its ends.

    Curves of a single number, and curves whose width or height is not finite, are left out.
    """
    if model.card is None:
        return {}
    curves = {curve.field: curve for curve in model.card.curves}
    tables = list(zip(model.scorer.interactions, model.explainer.purified, strict=True))
    parts = [
        (field, NumberPart.of(field, curves[field.name], tables))
        for field in model.card.contract.numbers
        if field.name in curves
    ]
    drawn = {field.name: _draw(field, part, model) for field, part in parts}
    return {name: curve for name, curve in drawn.items() if curve}


def _draw(field: Number, part: NumberPart, model: Model) -> DrawnCurve | None:
    lowest, highest = part.curve.knots[0], part.curve.knots[-1]
    if not 0 < highest - lowest < math.inf:
        return None
    average = model.explainer.average_terms[field.name]
    even = [lowest + (highest - lowest) * step / _STEPS for step in range(1, _STEPS)]
    effects = [Effect(number, term - average) for number, term in part.outline(lowest, highest, between=even)]
    blank = None if part.blank is None else part.blank - average
    scale = _Scale.over([*(effect.log_odds for effect in effects), *([] if blank is None else [blank])])
    if not scale.top - scale.bottom < math.inf:
        return None
    words, spell = words_for(model.card.event if model.card else None), partial(label_number, field)
    return DrawnCurve(
        lowest=lowest,
        highest=highest,
        points=_spell_points(effects, scale.place),
        average_y=scale.place(0.0),
        blank_y=None if blank is None else scale.place(blank),
        top=spell_ratio(odds_ratio(scale.top)),
        bottom=spell_ratio(odds_ratio(scale.bottom)),
        words=word_curve(effects, risk=words.risk, spell=spell, blank=blank, partners=_name_partners(model, field)),
        values=list_values(effects, odds=words.odds, spell=spell, blank=blank),
    )


def _spell_points(effects: Sequence[Effect], place: Callable[[float], float]) -> str:
    lowest, width = effects[0].number, effects[-1].number - effects[0].number
    points = [
        f"{(number - lowest) / width * DrawnCurve.width:.6g},{place(log_odds):g}" for number, log_odds in effects
    ]
    return " ".join(dict.fromkeys(points))


def _name_partners(model: Model, field: Number) -> list[str]:
    """The labels of the fields that a number makes pairs with, for pairs strong enough to mention."""
    names = []
    for interaction, purified in zip(model.scorer.interactions, model.explainer.purified, strict=True):
        both = (interaction.first.field, interaction.second.field)
        most = max(abs(cell) for row in purified.log_odds for cell in row)
        if field.name in both and most >= LEAST_CHANGE:
            names += [label_field(name) for name in both if name != field.name]
    return names
