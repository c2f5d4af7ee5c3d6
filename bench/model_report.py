"""Writes bench/models.md: the measurements of bench/models.py, as Markdown."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from bench.arms import NO_SHAPES, PEERS, TRAIN_PY
from bench.boosters import CATBOOST_SETTINGS, LIGHTGBM_SETTINGS, OUTER_BAGS
from bench.compared import Compared
from bench.figures import COMPARED, FIGURES, noise
from bench.folds import FOLDS, MOST_ROWS
from bench.markdown import table
from bench.model_goals import goal_lines

SLOPE = FIGURES.index("slope")

ABOUT = f"""
LightGBM has {LIGHTGBM_SETTINGS} settings and CatBoost {CATBOOST_SETTINGS}; a fifth of the rows to fit on chooses one.
EBM has {OUTER_BAGS} outer bags and no search. No arm sees the customers held out. A table of more than {MOST_ROWS:,}
rows is a random {MOST_ROWS:,} of them. Copies are the rows that equal another one in all fields. Chosen is the rung
that `train.py` chose, and in how many folds.
"""
ABOUT_SUMMARY = """
The mean of all tables; the lowest and the highest slope of a table, where 1 is ideal; seconds of CPU that a fold
takes, the median and the most of a table. {first} is better or worse on a table where the log losses differ by more
than {noise:.1f} corrected errors (95 %, Student's t with {degrees} degrees of freedom).
"""


def write_report(tables: Sequence[Compared], arms: Sequence[str], place: str) -> str:
    """The measurements as Markdown; differences are those of the first arm minus the others."""
    first, *others = arms
    n_folds = len(tables[0].folds)
    summary = ABOUT_SUMMARY.format(first=first, noise=noise(n_folds), degrees=n_folds - 1)
    lines = [
        f"{len(tables)} tables, {n_folds // FOLDS} x {FOLDS} folds; {place}",
        ABOUT,
        *describe_tables(tables, arms),
        "\n## All tables",
        summary,
        *summarize(tables, arms),
    ]
    if {TRAIN_PY, NO_SHAPES, *PEERS} <= set(arms):
        lines += ["\n## Goals\n", *goal_lines(tables, TRAIN_PY, simple=NO_SHAPES, others=PEERS)]
    for place_of, figure in enumerate(FIGURES):
        cells = by_table(tables, arms, lambda of, arm, at=place_of: f"{of.mean(arm)[at]:.4f}")
        lines += [f"\n## {figure[0].upper()}{figure[1:]}\n", *cells]
    for place_of, figure in enumerate(COMPARED) if others else ():
        cells = by_table(tables, others, lambda of, arm, at=place_of: word_difference(of, first, arm, at))
        lines += [f"\n## Difference in {figure}: {first} minus the others\n", *cells]
    return "\n".join(
        [*lines, "\n## Seconds of CPU, a fold\n", *by_table(tables, arms, lambda of, arm: f"{of.seconds(arm):.1f}")]
    )


def describe_tables(tables: Sequence[Compared], arms: Sequence[str]) -> list[str]:
    """A row for each table, with the number of columns of each linear arm."""
    linear = [arm for arm in arms if any(of.columns(arm) for of in tables)]
    header = ["table", "rows", "of", "fields", "churned", "copies", *(f"columns, {arm}" for arm in linear), "chosen"]
    rows = [
        [
            of.name,
            f"{of.rows:,}",
            f"{of.of_rows:,}",
            f"{of.fields}",
            f"{of.churned:.0%}",
            f"{of.copies:.1%}",
            *(of.columns(arm) for arm in linear),
            "; ".join(filter(None, map(of.chosen, arms))),
        ]
        for of in tables
    ]
    return table(header, rows)


def summarize(tables: Sequence[Compared], arms: Sequence[str]) -> list[str]:
    """A row for each arm over all tables."""
    first = arms[0]
    header = ["", *FIGURES[:SLOPE], "slope", "s, median", "s, most", f"{first} is better on", "worse on"]
    rows = []
    for arm in arms:
        means = np.array([of.mean(arm) for of in tables])
        seconds = [of.seconds(arm) for of in tables]
        beyond = Counter(of.is_beyond_noise(first, arm) for of in tables)
        rows.append(
            [
                arm,
                *(f"{mean:.4f}" for mean in means[:, :SLOPE].mean(axis=0)),
                f"{means[:, SLOPE].min():.2f} to {means[:, SLOPE].max():.2f}",
                f"{np.median(seconds):.1f}",
                f"{max(seconds):.1f}",
                *([f"{beyond[-1]}", f"{beyond[1]}"] if arm != first else ["", ""]),
            ]
        )
    return table(header, rows)


def by_table(tables: Sequence[Compared], arms: Sequence[str], cell: Callable[[Compared, str], str]) -> list[str]:
    """A row for each table, a column for each arm."""
    return table(["table", *arms], [[of.name, *(cell(of, arm) for arm in arms)] for of in tables])


def word_difference(of: Compared, arm: str, other: str, place: int) -> str:
    """A figure of the arm minus that of the other arm, with its error: "+0.0012 +- 0.0005"."""
    difference, error = (values[place] for values in of.difference(arm, other))
    return f"{difference:+.4f} +- {error:.4f}"
