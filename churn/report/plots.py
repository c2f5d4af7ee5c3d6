"""The plots of a report, each one <svg> element as text from arrays. They show only figures, no names of a table."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from churn.model.event import LEAVING, Words
from churn.report.diagnostics import CalibrationBin, Curve, Decile, OperatingPoint
from churn.report.formats import percent
from churn.report.svg import (
    ACCENT,
    ACCENT_SOFT,
    ALARM,
    EDGE,
    INK,
    PERCENT,
    SOFT,
    draw_svg,
    mark_point,
    percent_axes,
    square_axes,
)
from churn.training.campaign import ProfitCurve
from churn.training.evaluation import Interval

_MOST_LABELLED_FOLDS = 10


def plot_folds(folds: Sequence[float], test: float, interval: Interval) -> str:
    """The AUC of each fold, their mean and spread, and the AUC of the test part with its interval."""
    mean, spread = float(np.mean(folds)), float(np.std(folds))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        rows = np.arange(len(folds))
        axes.axvspan(mean - spread, mean + spread, color=ACCENT_SOFT, linewidth=0)
        axes.axvline(mean, color=ACCENT, linewidth=1)
        axes.plot(folds, rows, "o", color=ACCENT, markersize=6)
        axes.plot(interval, [len(folds)] * 2, color=ALARM, linewidth=2)
        axes.plot([test], [len(folds)], "D", color=ALARM, markersize=6)
        if len(folds) <= _MOST_LABELLED_FOLDS:
            labels = [f"fold {row}" for row in rows]
        else:
            labels = [f"{len(folds)} folds"] + [""] * (len(folds) - 1)
        axes.set_yticks([*rows, len(folds)], [*labels, "test"])
        axes.set_ylim(len(folds) + 0.6, -0.6)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("AUC")

    shown = min(len(folds), _MOST_LABELLED_FOLDS)
    words = f"AUC of {len(folds)} folds: {mean:.3f} ± {spread:.3f}; of the test part: {test:.3f}"
    return draw_svg("folds", draw, height=60 + 23 * (shown + 1), title=words)


def plot_roc(curve: Curve, auc: float, points: Sequence[OperatingPoint], words: Words = LEAVING) -> str:
    """The ROC curve, with a point for each threshold."""

    def draw(figure: Figure) -> None:
        axes = square_axes(figure)
        axes.plot([0, 1], [0, 1], color=EDGE, linewidth=1, linestyle=(0, (3, 3)))
        axes.text(0.79, 0.72, "chance", ha="left", va="top", color=SOFT)
        axes.fill_between(curve.x, curve.y, color=ACCENT_SOFT, linewidth=0)
        axes.plot(curve.x, curve.y, color=ACCENT, linewidth=2)
        for point in points:
            mark_point(axes, point.false_alarms, point.recall, f"from {point.threshold:.2g} on")
        axes.text(0.97, 0.06, f"AUC {auc:.3f}", ha="right", color=ACCENT, fontsize=15, fontweight="bold")
        axes.set_xlabel(words.false_alarms)
        axes.set_ylabel(words.recall)

    return draw_svg("roc", draw, height=320, title=f"ROC curve: AUC {auc:.3f}, where chance has 0.5")


def plot_precision_recall(
    curve: Curve,
    average_precision: float,
    churn_rate: float,
    points: Sequence[OperatingPoint],
    words: Words = LEAVING,
) -> str:
    """Precision over recall, with the churn rate, the precision of contacting random customers."""

    def draw(figure: Figure) -> None:
        axes = square_axes(figure)
        axes.axhline(churn_rate, color=EDGE, linewidth=1, linestyle=(0, (3, 3)))
        axes.text(0.02, churn_rate - 0.02, f"chance: {percent(churn_rate, 0)}", va="top", color=SOFT)
        axes.step(curve.x, curve.y, where="pre", color=ACCENT, linewidth=2)  # its area is the average precision
        for point in points:
            if point.precision is not None:
                mark_point(axes, point.recall, point.precision, f"from {point.threshold:.2g} on", left=True)
        label = f"average {average_precision:.3f}"
        axes.text(0.97, 0.93, label, ha="right", color=ACCENT, fontsize=15, fontweight="bold")
        axes.set_xlabel(f"{words.recall} (recall)")
        axes.set_ylabel(words.precision_axis)

    title = f"Precision over recall: {average_precision:.3f} on average, where chance has {churn_rate:.3f}"
    return draw_svg("precision-recall", draw, height=320, title=title)


def plot_calibration(bins: Sequence[CalibrationBin], words: Words = LEAVING) -> str:
    """The churn rate of each bin over its mean probability, with its interval; below, its number of customers."""

    def draw(figure: Figure) -> None:
        axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
        percent_axes(axes)
        axes.set_aspect("auto")
        axes.plot([0, 1], [0, 1], color=EDGE, linewidth=1, linestyle=(0, (3, 3)))
        means, rates = ([bin_.mean_probability for bin_ in bins], [bin_.churn_rate for bin_ in bins])
        axes.vlines(means, [bin_.interval.low for bin_ in bins], [bin_.interval.high for bin_ in bins], color=ACCENT)
        axes.plot(means, rates, "o", color=ACCENT, markersize=6)
        axes.set_ylabel(words.rate_heading)
        centres = [(bin_.low + bin_.high) / 2 for bin_ in bins]
        counts.bar(centres, [bin_.customers for bin_ in bins], width=0.092, color=EDGE)
        for centre, bin_ in zip(centres, bins, strict=True):
            counts.text(centre, bin_.customers, f"{bin_.customers:,}", ha="center", va="bottom", fontsize=8.5)
        counts.set_yticks([])
        counts.spines["left"].set_visible(False)
        counts.margins(y=0.25)
        counts.set_ylabel("Customers", fontsize=9.5)
        counts.set_xlabel("Probability")

    off = max(bins, key=lambda bin_: abs(bin_.mean_probability - bin_.churn_rate) * bin_.customers)
    title = (
        f"Calibration in {len(bins)} bins; the largest deviation, weighted by customers: of {off.customers:,} with a "
        f"mean probability of {percent(off.mean_probability, 0)}, {percent(off.churn_rate, 0)} {words.did}"
    )
    return draw_svg("calibration", draw, height=350, title=title)


def plot_gains(curve: Curve, deciles: Sequence[Decile], words: Words = LEAVING) -> str:
    """The share of leavers found over the share of customers contacted, the riskiest first."""
    two = min(2, len(deciles)) - 1
    contacted = sum(decile.customers for decile in deciles[: two + 1]) / sum(decile.customers for decile in deciles)
    found = percent(deciles[two].found, 0)

    def draw(figure: Figure) -> None:
        axes = square_axes(figure)
        axes.plot([0, 1], [0, 1], color=EDGE, linewidth=1, linestyle=(0, (3, 3)))
        axes.text(0.79, 0.72, "chance", ha="left", va="top", color=SOFT)
        axes.fill_between(curve.x, curve.y, color=ACCENT_SOFT, linewidth=0)
        axes.plot(curve.x, curve.y, color=ACCENT, linewidth=2)
        mark_point(
            axes,
            contacted,
            deciles[two].found,
            f"{found} {words.of_leavers}\nin the {words.riskiest} {percent(contacted, 0)}",
        )
        axes.set_xlabel(f"Customers contacted, {words.order}")
        axes.set_ylabel(words.recall)

    title = f"Gains: the {words.riskiest} {percent(contacted, 0)} of the customers include {found} {words.of_leavers}"
    return draw_svg("gains", draw, height=320, title=title)


def plot_lift(deciles: Sequence[Decile], words: Words = LEAVING) -> str:
    """The lift of each decile: its churn rate as a multiple of the average."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        numbers = [decile.number for decile in deciles]
        axes.bar(numbers, [decile.lift for decile in deciles], width=0.78, color=ACCENT)
        axes.axhline(1, color=INK, linewidth=1, linestyle=(0, (3, 3)))
        axes.text(len(deciles) + 0.45, 1.04, "average", ha="right", va="bottom", color=SOFT)
        for decile in deciles:
            label = axes.text(
                decile.number, decile.lift + 0.03, f"{decile.lift:.1f}", ha="center", va="bottom", color=INK
            )
            label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
        axes.set_xticks(numbers)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(f"Tenth of the customers, {words.order}")
        axes.set_ylabel(f"Times the average {words.rate}")

    times = f"{deciles[0].lift:.1f} times as often as the average customer"
    title = f"Lift: the {words.riskiest} tenth {words.does} {times}"
    return draw_svg("lift", draw, height=320, title=title)


def plot_profit(
    curve: ProfitCurve, customers: int, points: Sequence[tuple[str, int, float]], words: Words = LEAVING
) -> str:
    """The profit over the share of customers contacted; each of `points` has a marker, a count and a profit."""
    contacted = np.concatenate([[0], curve.contacted])
    profits = np.concatenate([[0.0], curve.profits])
    kept = np.unique(np.linspace(0, len(contacted) - 1, 400).round().astype(int))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axhline(0, color=EDGE, linewidth=1)
        axes.plot(contacted[kept] / customers, profits[kept], color=ACCENT, linewidth=2)
        for marker, count, profit in points:
            hollow = marker == "o"
            axes.plot([count / customers], [profit], marker, color=ALARM, markersize=9 if hollow else 7,
                      markerfacecolor="none" if hollow else ALARM, markeredgewidth=1.75)  # fmt: skip
        axes.xaxis.set_major_formatter(PERCENT)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: f"{amount:,g}".replace("-", "\u2212")))
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(f"Customers contacted, {words.order}")
        axes.set_ylabel("Profit")

    title = f"Profit over the share of {customers:,} customers contacted: at most {profits.max():,.0f}"
    return draw_svg("profit", draw, height=320, title=title)
