"""What a number does by itself in a model: its curve, and what its pairs with other fields leave to it alone.

Reports and the page show it so, and reasons are made of it. Owns how it comes from the model; draws nothing.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from churn.model.curves import Curve
from churn.model.fields import Number
from churn.model.interactions import Axis, Interaction
from churn.model.purified import Purified

Tables = Iterable[tuple[Interaction, Purified]]
"""A model's tables of two fields, each with what becomes of it once it is taken apart."""
Steps = tuple[tuple[Axis, tuple[float, ...]], ...]
"""What tables leave to one of their fields alone: an axis, and the log-odds of each of its places."""


def find_steps(field: str, tables: Tables) -> Steps:
    """What these tables leave to a field alone, one for each that it is in."""
    sides = (
        side
        for interaction, purified in tables
        for side in ((interaction.first, purified.first), (interaction.second, purified.second))
    )
    return tuple((axis, log_odds) for axis, log_odds in sides if axis.field == field)


class NumberPart(NamedTuple):
    """What a number does by itself: its curve, and the steps that its tables with other fields leave to it.

    `blank` is what a blank adds that the model weighs by itself, None where there is no such blank.
    """

    curve: Curve
    steps: Steps = ()
    blank: float | None = None

    @classmethod
    def of(cls, field: Number, curve: Curve, tables: Tables) -> "NumberPart":
        """The part of a field that has this curve; a blank has the place in tables of what it stands for."""
        part = cls(curve, find_steps(field.name, tables))
        if curve.blank is None or field.blank is None:
            return part
        return part._replace(blank=curve.blank + part._step(field.blank.value))

    def log_odds(self, number: float) -> float:
        """What a number adds."""
        return self.curve.term(number) + self._step(number)

    def outline(self, low: float, high: float, *, between: Iterable[float] = ()) -> list[tuple[float, float]]:
        """Points from one number to the other, each with its log-odds, ascending: where the part bends, steps and
        turns, and those `between` that are wanted besides. A step is there twice, before and after.
        """
        cuts = {cut for axis, _ in self.steps for cut in axis.cuts if low < cut <= high}
        points = {point for point in (*self.curve.knots, *self._tops(), *cuts, *between) if low < point < high}
        before = [(cut, math.nextafter(cut, -math.inf)) for cut in cuts]
        places = sorted([*before, *((point, point) for point in {low, high, *points})])
        return [(point, self.log_odds(place)) for point, place in places]

    def _step(self, number: float) -> float:
        return math.fsum(log_odds[axis.place(number)] for axis, log_odds in self.steps)

    def _tops(self) -> list[float]:
        """Where slope and logarithm are even, within a piece: the curve turns there."""
        ends = zip(self.curve.pieces, (-math.inf, *self.curve.knots), (*self.curve.knots, math.inf), strict=True)
        tops = [
            (-piece.log_weight / piece.slope - 1, start, end)
            for piece, start, end in ends
            if piece.slope * piece.log_weight < 0
        ]
        return [top for top, start, end in tops if start < top < end]
