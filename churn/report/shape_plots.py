"""The plots of a model's curves and of its pairs of fields: each turns figures into one <svg> element as text.

`svg` escapes the names of fields and categories in them.
"""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from churn.model.odds import LARGEST_EXPONENT, odds_ratio, spell_ratio
from churn.report.field_pairs import FieldPair, Side
from churn.report.formats import distinct_figures, figure, percent
from churn.report.shapes import At, Shape
from churn.report.svg import ACCENT, ACCENT_SOFT, ALARM_SOFT, EDGE, INK, draw_svg

CLASSES = (1 / 3, 0.5, 2 / 3, 1 / 1.1, 1.1, 1.5, 2.0, 3.0)
"""The odds ratios at which the colour of cells changes."""
COLOURS = ("#0f6b5c", "#579a8f", "#93c0b8", "#cde3de", "#f0eee7", "#f7d5c7", "#eaa88f", "#d4754f", "#b8431c")
"""The colours of cells, from the lowest odds to the highest; the middle one means about 1."""

_NARROWEST = math.log(2)  # log-odds that the axis of a curve covers at least, in both directions
_ROUND = (1.0, 2.0, 5.0)
_MOST_TICKS, _LEAST_APART = 6, 0.2  # of an axis
_SHADES = ("#ffffff", "#eceae4", "#d8d8d2", "#bfc2bd", "#a3a9a5", "#858e89", "#66726c", "#48554f")
_CROWDED = 4.0  # times the average share of a cell: the darkest shade, unless some cell has more
_SMALL = 0.35  # of a cell's width, left out on each side of a cell without customers
_MOST_WRITTEN = 6  # columns with room for the odds ratio in each cell
_LONGEST_LABEL = 16


def plot_shape(name: str, shape: Shape) -> str:
    """A number's curve, in odds compared with the average customer's; below it, the distribution of the customers."""
    blank, log_odds = shape.blank, shape.outline.log_odds
    heights = [*log_odds.tolist(), *([blank.log_odds] if blank else [])]

    def draw(drawn: Figure) -> None:
        widths = (8, 1) if blank else (1,)
        grid = drawn.subplots(
            2, len(widths), sharex="col", sharey="row", squeeze=False, height_ratios=(3.2, 1), width_ratios=widths
        )
        _draw_curve(grid[0, 0], grid[1, 0], shape)
        if blank:
            _draw_blank(grid[0, 1], grid[1, 1], blank)
        for axes in grid[0]:
            axes.axhline(0, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        _scale_odds(grid[0, 0], heights)
        for axes in grid[1]:
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
        grid[1, 0].set_ylim(0, 1.05 * max(*shape.counts, blank.customers if blank else 0))

    ends = [(spell_ratio(odds_ratio(log_odds[place])), figure(shape.outline.x[place], 4))
            for place in (int(log_odds.argmin()), int(log_odds.argmax()))]  # fmt: skip
    words = " and ".join(f"{times} at {number}" for times, number in ends)
    title = f"Curve of {shape.field}: compared with the average customer's, the odds are multiplied by {words}"
    return draw_svg(name, draw, height=225, title=title)


def _draw_curve(axes: Axes, counts: Axes, shape: Shape) -> None:
    x, log_odds = shape.scale.place(shape.outline.x), shape.outline.log_odds
    for is_above, colour in ((True, ALARM_SOFT), (False, ACCENT_SOFT)):
        above = log_odds >= 0
        axes.fill_between(x, log_odds, where=above == is_above, interpolate=True, color=colour, linewidth=0)
    if shape.outline.has_all:
        axes.plot(x, log_odds, color=ACCENT, linewidth=1, marker="o", markersize=4)
    else:
        axes.plot(x, log_odds, color=ACCENT, linewidth=2)
    axes.set_ylabel("Odds ratio")
    counts.stairs(shape.counts, shape.scale.place(shape.edges), fill=True, color=EDGE, linewidth=0)
    counts.set_ylabel("Customers", fontsize=9.5)
    ticks = _choose_ticks(shape)
    counts.set_xticks(shape.scale.place(np.array(ticks)), distinct_figures(ticks))


def _draw_blank(axes: Axes, counts: Axes, blank: At) -> None:
    axes.plot([0], [blank.log_odds], "o", color=ACCENT, markersize=7)
    counts.bar([0], [blank.customers], width=0.5, color=EDGE)
    counts.set_xticks([0], ["blank"])
    counts.set_xlim(-0.6, 0.6)
    axes.spines["left"].set_visible(False)


def _scale_odds(axes: Axes, heights: Sequence[float]) -> None:
    """Scales the axis of log-odds, and labels it with round odds ratios."""
    low = max(min(*heights, -_NARROWEST), -LARGEST_EXPONENT)
    high = min(max(*heights, _NARROWEST), LARGEST_EXPONENT)
    room = 0.04 * (high - low)
    axes.set_ylim(low - room, high + room)
    powers = range(math.floor(low / math.log(10)), math.ceil(high / math.log(10)) + 1)
    for leads in (_ROUND, (1.0,)):
        ratios = [lead * 10.0**power for power in powers for lead in leads]
        ratios = [round_ratio for round_ratio in ratios if low <= math.log(round_ratio) <= high]
        if len(ratios) <= _MOST_TICKS:
            break
    step = math.ceil(len(ratios) / _MOST_TICKS)
    shown = [round_ratio for round_ratio in ratios if ratios.index(round_ratio) % step == ratios.index(1.0) % step]
    axes.set_yticks([math.log(round_ratio) for round_ratio in shown], [f"{shown_ratio:,g}" for shown_ratio in shown])
    axes.grid(axis="y")


def _choose_ticks(shape: Shape) -> list[float]:
    """Round numbers for the axis of a curve, far enough apart on it."""
    low, high = float(shape.edges[0]), float(shape.edges[-1])
    if low == high:
        return [low]
    if shape.scale.even is None:
        locator = MaxNLocator(4, integer=bool((shape.outline.x % 1 == 0).all()))
        return [tick for tick in np.asarray(locator.tick_values(low, high)).tolist() if low <= tick <= high]
    least, most = math.log10(shape.scale.even), math.log10(max(abs(low), abs(high)))
    powers = range(math.floor(least) - 1, math.ceil(most) + 1)
    sizes = [lead * 10.0**power for lead in _ROUND for power in reversed(powers)]
    ticks: list[float] = []
    place = {tick: float(shape.scale.place(np.array(tick))) for tick in (0.0, *sizes, *(-size for size in sizes))}
    apart = _LEAST_APART * (shape.scale.place(np.array(high)) - shape.scale.place(np.array(low)))
    for tick in place:
        if low <= tick <= high and all(abs(place[tick] - place[other]) >= apart for other in ticks):
            ticks.append(tick)
    return sorted(ticks) if len(ticks) > 1 else [low, high]


def plot_field_pair(name: str, pair: FieldPair) -> str:
    """The joint effect of two fields, a colour for each cell; below it, each cell's share of the customers."""
    odds = np.searchsorted(np.log(CLASSES), pair.log_odds)
    darkest = max(pair.shares.max(), _CROWDED / pair.shares.size)
    shades = np.ceil(np.sqrt(pair.shares / darkest) * (len(_SHADES) - 1)).astype(int)
    row_height = 22 if len(pair.down.labels) <= 6 else 14
    slanted = not pair.across.cuts and max(map(len, pair.across.labels)) * len(pair.across.labels) > 30

    def draw(drawn: Figure) -> None:
        axes, counts = drawn.subplots(2, 1, sharex=True, sharey=True)
        _draw_cells(axes, odds, COLOURS, np.where(pair.shares > 0, 0.0, _SMALL))
        _draw_cells(counts, shades, _SHADES, np.zeros(shades.shape))
        if len(pair.across.labels) <= _MOST_WRITTEN:
            _write_cells(
                axes, [[spell_ratio(odds_ratio(cell)) for cell in row] for row in pair.log_odds], abs(odds - 4) > 2
            )
            _write_cells(counts, [[percent(cell, 0) for cell in row] for row in pair.shares], shades > 4)
        for part, heading in ((axes, "Odds ratio"), (counts, "Customers")):
            _label_rows(part, pair.down)
            part.set_title(f"{heading}, by {_shorten(pair.down.field, 30)}", loc="left", fontsize=9.5)
            part.tick_params(length=0)
            for spine in part.spines.values():
                spine.set_visible(False)
        _label_columns(counts, pair.across, slanted=slanted)

    height = 2 * (34 + row_height * len(pair.down.labels)) + (110 if slanted else 60)
    extremes = ", ".join(
        f"{spell_ratio(odds_ratio(cell.log_odds))} at {cell.row} and {cell.column}" for cell in pair.extremes()
    )
    effect = f"the odds are multiplied by {extremes}" if extremes else "no cell has enough customers for a figure"
    title = f"{pair.down.field} and {pair.across.field} together: {effect}"
    return draw_svg(name, draw, height=height, title=title)


def _draw_cells(axes: Axes, classes: np.ndarray, colours: Sequence[str], less: np.ndarray) -> None:
    """Draws a square for each cell, smaller by `less` on each side; all squares of one colour are one path."""
    rows, columns = classes.shape
    for number, colour in enumerate(colours):
        corners: list[tuple[float, float]] = []
        for row, column in np.argwhere(classes == number).tolist():
            margin = less[row, column]
            left, right, top, bottom = column + margin, column + 1 - margin, row + margin, row + 1 - margin
            corners += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        if corners:
            codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * (len(corners) // 5)
            axes.add_patch(PathPatch(Path(corners, codes), facecolor=colour, edgecolor="white", linewidth=0.75))
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)


def _write_cells(axes: Axes, texts: Sequence[Sequence[str]], is_dark: np.ndarray) -> None:
    for row, cells in enumerate(texts):
        for column, text in enumerate(cells):
            colour = "white" if is_dark[row, column] else INK
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9, color=colour)


def _label_rows(axes: Axes, side: Side) -> None:
    count = len(side.labels)
    if side.cuts:  # from the highest down; each cut is between two rows
        step = math.ceil(len(side.cuts) / 8)
        axes.set_yticks(
            [count - 1 - place for place in range(0, len(side.cuts), step)], distinct_figures(side.cuts)[::step]
        )
    else:
        axes.set_yticks([row + 0.5 for row in range(count)], [_shorten(label) for label in side.labels])


def _label_columns(axes: Axes, side: Side, *, slanted: bool) -> None:
    count = len(side.labels)
    if side.cuts:
        names = distinct_figures(side.cuts)
        step = math.ceil(len(names) * max(map(len, names)) / 34)
        axes.set_xticks([place + 1 for place in range(0, len(names), step)], names[::step])
    else:
        axes.set_xticks([column + 0.5 for column in range(count)], [_shorten(label) for label in side.labels])
        if slanted:
            for label in axes.get_xticklabels():
                label.set(rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlabel(_shorten(side.field, 40))


def _shorten(label: str, longest: int = _LONGEST_LABEL) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
