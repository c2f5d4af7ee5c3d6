"""The curves of numbers as the page draws them: what each number does alone, the other fields set aside.

Owns the pictures; their words are curve_words', and curve.js marks the customer on them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, NamedTuple

from churn.model.curves import Curve
from churn.model.event import words_for
from churn.model.fields import Number
from churn.model.file import Model
from churn.model.interactions import Axis
from churn.web.pages.curve_words import LEAST_CHANGE, Effect, word_curve
from churn.web.pages.labels import label_field, label_number

_MARGIN = 2  # above and below, for the width of the line
_STEPS = 64  # from one end of a curve to the other: it may bend between its knots


@dataclass(frozen=True)
class DrawnCurve:
    """A curve in a picture of `width` by `height`, units of its own, in which more risk is further up.

    `points` are those of an SVG polyline; `lowest` and `highest` are the numbers at its ends. `average_y` is where
    the average customer is, `blank_y` a blank that is weighed by itself, None without one.
    """

    width: ClassVar[int] = 100
    height: ClassVar[int] = 32

    lowest: float
    highest: float
    points: str
    average_y: float
    blank_y: float | None
    words: str


class _OwnPart(NamedTuple):
    """What a number does alone, as its reasons have it without the pairs of fields.

    `corrections` are what the pairs leave to the number alone: log-odds by the places of its axis in each of them.
    """

    curve: Curve
    average: float
    corrections: list[tuple[Axis, tuple[float, ...]]]

    @classmethod
    def of(cls, curve: Curve, model: Model) -> "_OwnPart":
        explainer = model.explainer
        sides = [
            side
            for interaction, purified in zip(model.scorer.interactions, explainer.purified, strict=True)
            for side in ((interaction.first, purified.first), (interaction.second, purified.second))
        ]
        corrections = [(axis, terms) for axis, terms in sides if axis.field == curve.field]
        return cls(curve, explainer.average_terms[curve.field], corrections)

    def weigh(self, number: float) -> float:
        """What a number does, against the average customer: log-odds."""
        return self.curve.term(number) + self._correct(number)

    def weigh_blank(self, stand_in: float) -> float:
        """What a blank does, which is weighed by itself and stands for a number in the pairs of fields."""
        return self.curve.term("") + self._correct(stand_in)

    def _correct(self, number: float) -> float:
        return sum(terms[axis.place(number)] for axis, terms in self.corrections) - self.average


def draw_curves(model: Model) -> dict[str, DrawnCurve]:
    """The curves of the card's numbers, drawn, by field. All have one scale, so that they compare.

    Left out are a curve of a single number, and curves whose width or height is not finite.
    """
    if model.card is None:
        return {}
    own_parts = {curve.field: _OwnPart.of(curve, model) for curve in model.card.curves if _is_wide(curve)}
    fields = [field for field in model.card.contract.numbers if field.name in own_parts]
    effects = {field.name: _list_effects(own_parts[field.name]) for field in fields}
    blanks = {
        field.name: own_parts[field.name].weigh_blank(field.blank.value)
        for field in fields
        if field.blank and field.blank.apart
    }
    terms = [0.0, *blanks.values(), *(effect.log_odds for listed in effects.values() for effect in listed)]
    highest, height = max(terms), max(terms) - min(terms)
    if not 0 < height < math.inf:
        return {}

    def place(log_odds: float) -> float:
        return round(_MARGIN + (highest - log_odds) / height * (DrawnCurve.height - 2 * _MARGIN), 2)

    return {field.name: _draw(field, model, effects[field.name], blanks.get(field.name), place) for field in fields}


def _draw(
    field: Number, model: Model, effects: Sequence[Effect], blank: float | None, place: Callable[[float], float]
) -> DrawnCurve:
    return DrawnCurve(
        lowest=effects[0].number,
        highest=effects[-1].number,
        points=_spell_points(effects, place),
        average_y=place(0.0),
        blank_y=None if blank is None else place(blank),
        words=word_curve(
            effects,
            risk=words_for(model.card.event if model.card else None).risk,
            spell=partial(label_number, field),
            blank=blank,
            partners=_name_partners(model, field),
        ),
    )


def _is_wide(curve: Curve) -> bool:
    return 0 < curve.knots[-1] - curve.knots[0] < math.inf


def _list_effects(own_part: _OwnPart) -> list[Effect]:
    """A curve's effects at even steps, at its knots, and at both sides of where it jumps; their numbers ascend."""
    knots = own_part.curve.knots
    lowest, highest = knots[0], knots[-1]
    jumps = [cut for axis, _ in own_part.corrections for cut in axis.cuts if lowest < cut <= highest]
    even = [lowest + (highest - lowest) * step / _STEPS for step in range(1, _STEPS)]
    numbers = {*even, *knots, *jumps, *(math.nextafter(jump, -math.inf) for jump in jumps)}
    return [Effect(number, own_part.weigh(number)) for number in sorted(numbers)]


def _spell_points(effects: Sequence[Effect], place: Callable[[float], float]) -> str:
    lowest, width = effects[0].number, effects[-1].number - effects[0].number
    points = [
        f"{(number - lowest) / width * DrawnCurve.width:.6g},{place(log_odds):g}" for number, log_odds in effects
    ]
    return " ".join(dict.fromkeys(points))


def _name_partners(model: Model, field: Number) -> list[str]:
    """What a person calls the fields that a number makes pairs with, where the pair is worth a word."""
    names = []
    for interaction, purified in zip(model.scorer.interactions, model.explainer.purified, strict=True):
        both = (interaction.first.field, interaction.second.field)
        most = max(abs(cell) for row in purified.log_odds for cell in row)
        if field.name in both and most >= LEAST_CHANGE:
            names += [label_field(name) for name in both if name != field.name]
    return names
