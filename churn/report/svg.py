"""Draws a plot as one <svg> element within an HTML page: its style, its size, and the elements common to all plots.

Draws with matplotlib's objects, never with pyplot. Text stays text, in the page's font, and a $ in it does not start
mathematics. The same drawing gives the same bytes. Every plot is 320 units wide, about the width of a phone.
"""

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from churn.report.formats import percent

INK, SOFT, EDGE, LINE = "#1b2421", "#56605c", "#8a918c", "#dedbd1"
ACCENT, ACCENT_SOFT, ALARM, ALARM_SOFT = "#0f6b5c", "#e0f0ec", "#b8431c", "#fbe9e1"  # as on the service's page
_WIDTH, _UNITS_PER_INCH = 320, 72
_LABEL_SHARE = 0.4  # of the axes' width, for the label of a point
_STYLE: Any = {  # matplotlib's own type lists all of its settings
    "svg.fonttype": "none",
    "svg.hashsalt": "churn",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],  # matplotlib's own, for measuring only; the page sets the font
    "font.size": 11.0,
    "text.color": SOFT,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": EDGE,
    "axes.linewidth": 0.75,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.labelpad": 5.0,
    "grid.color": LINE,
    "grid.linewidth": 0.75,
    "xtick.color": EDGE,
    "ytick.color": EDGE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "lines.solid_capstyle": "round",
}
PERCENT = FuncFormatter(lambda share, _: percent(share, 0))


def square_axes(figure: Figure) -> Axes:
    """New axes that fill a figure, with percent on both axes."""
    axes = figure.subplots()
    percent_axes(axes)
    return axes


def percent_axes(axes: Axes) -> None:
    """Sets both axes to 0 to 100 %."""
    axes.set_xlim(-0.015, 1.015)
    axes.set_ylim(-0.015, 1.03)
    axes.xaxis.set_major_formatter(PERCENT)
    axes.yaxis.set_major_formatter(PERCENT)
    axes.grid(axis="y")


def mark_point(axes: Axes, x: float, y: float, label: str, *, left: bool = False) -> None:
    """Draws a dot with a label below it, to the right or to the `left`; on the other side if there is no room."""
    axes.plot([x], [y], "o", color=INK, markersize=6.5, markeredgecolor="white", markeredgewidth=1.25, zorder=3)
    left = (left and x > _LABEL_SHARE) or x > 1 - _LABEL_SHARE
    words = axes.annotate(
        label,
        (x, y),
        xytext=(-8 if left else 8, -11),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        color=INK,
        annotation_clip=False,
    )
    words.set_in_layout(False)  # so that the label does not shrink the axes


def draw_svg(name: str, draw: Callable[[Figure], None], *, height: int, title: str) -> str:
    """The SVG of an empty figure that `draw` fills, with unique ids and a title for people who can't see it."""
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the browser's font decides
        figure = Figure(figsize=(_WIDTH / _UNITS_PER_INCH, height / _UNITS_PER_INCH), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        written = io.StringIO()
        silent = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(written, format="svg", transparent=True, metadata=silent)
    inside = re.sub(r"^.*?<svg[^>]*>|<style.*?</style>", "", written.getvalue(), flags=re.DOTALL)
    inside = re.sub(r"<[^>]*>", lambda tag: _adapt(tag[0], name), inside)  # leaves the texts unchanged
    opening = f'<svg class="plot" role="img" aria-labelledby="{name}-title" viewBox="0 0 {_WIDTH} {height}"'
    return f'{opening} width="{_WIDTH}" height="{height}">\n<title id="{name}-title">{escape(title)}</title>{inside}'


def _adapt(tag: str, name: str) -> str:
    """A tag with ids unique to its plot, without a font, and with paths rounded to two decimals."""
    tag = re.sub(r'( id="|url\(#|href="#)', rf"\1{name}-", tag.replace("xlink:href", "href"))
    tag = re.sub(r'(?<= d=")[^"]*', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), tag)
    return re.sub(r"(; )?font-family: [^;\"]*", "", tag)
