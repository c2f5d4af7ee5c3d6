"""A number's own part of the log-odds: its curve, and its own parts of purified pairs with other fields.

Reports and the page show this part. Owns how it is computed from the model; draws nothing.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from churn.model.addition import add_up
from churn.model.curves import Curve
from churn.model.fields import Number
from churn.model.interactions import Axis, Interaction
from churn.model.purified import Purified

Tables = Iterable[tuple[Interaction, Purified]]
"""A model's tables of two fields, each with its purified form."""
Steps = tuple[tuple[Axis, tuple[float, ...]], ...]
"""A field's own parts of purified tables: for each table its axis, and the log-odds of each place on it."""


def find_steps(field: str, tables: Tables) -> Steps:
    """A field's own parts of these tables, one for each table that it is in."""
    sides = (
        side
        for interaction, purified in tables
        for side in ((interaction.first, purified.first), (interaction.second, purified.second))
    )
    return tuple((axis, log_odds) for axis, log_odds in sides if axis.field == field)


class NumberPart(NamedTuple):
    """A number's own part: its curve, and the steps that its purified tables leave to it.

    `blank` is the log-odds of a blank with a weight of its own, None where there is no such blank.
    """

    curve: Curve
    steps: Steps = ()
    blank: float | None = None

    @classmethod
    def of(cls, field: Number, curve: Curve, tables: Tables) -> "NumberPart":
        """The own part of a field with this curve. In a table a blank has the place of the number it stands for."""
        part = cls(curve, find_steps(field.name, tables))
        if curve.blank is None or field.blank is None:
            return part
        return part._replace(blank=curve.blank + part._step(field.blank.value))

    def log_odds(self, number: float) -> float:
        """The log-odds that a number adds."""
        return self.curve.term(number) + self._step(number)

    def outline(self, low: float, high: float, *, between: Iterable[float] = ()) -> list[tuple[float, float]]:
        """Ascending points from `low` to `high`, each with its log-odds: enough to draw the part.

        These are all points where the part bends, steps or turns, and the points in `between`. A step gives two
        points, one before and one after it.
        """
        cuts = {cut for axis, _ in self.steps for cut in axis.cuts if low < cut <= high}
        points = {point for point in (*self.curve.knots, *self._tops(), *cuts, *between) if low < point < high}
        before = [(cut, math.nextafter(cut, -math.inf)) for cut in cuts]
        places = sorted([*before, *((point, point) for point in {low, high, *points})])
        return [(point, self.log_odds(place)) for point, place in places]

    def _step(self, number: float) -> float:
        return add_up(log_odds[axis.place(number)] for axis, log_odds in self.steps)

    def _tops(self) -> list[float]:
        """The turning points of the curve: where slope and logarithm cancel within a piece."""
        ends = zip(self.curve.pieces, (-math.inf, *self.curve.knots), (*self.curve.knots, math.inf), strict=True)
        tops = [
            (-piece.log_weight / piece.slope - 1, start, end)
            for piece, start, end in ends
            if piece.slope * piece.log_weight < 0
        ]
        return [top for top, start, end in tops if start < top < end]
