"""The goals for train.py in bench/models.py, and whether it reaches them."""

from collections.abc import Sequence

from bench.compared import Compared
from bench.figures import FIGURES
from bench.markdown import table

AUC, SLOPE = FIGURES.index("AUC"), FIGURES.index("slope")
MOST_BEHIND, MOST_BEHIND_ON_A_TABLE = 0.006, 0.01
"""The largest allowed deficit of AUC: of the mean over the tables, and on each table."""
LOWEST_SLOPE, HIGHEST_SLOPE = 0.9, 1.1


def goal_lines(tables: Sequence[Compared], arm: str, *, simple: str, others: Sequence[str]) -> list[str]:
    """A table of the goals of `arm`: it should never be worse than `simple`, and close to its peers, `others`."""
    return table(
        ["goal", "measured", "reached"],
        [
            _compare_with_simple(tables, arm, simple),
            _compare_means(tables, arm, others),
            _compare_each(tables, arm, others),
            _compare_slopes(tables, arm, others),
        ],
    )


def _compare_with_simple(tables: Sequence[Compared], arm: str, simple: str) -> list[str]:
    worse = [of.name for of in tables if of.is_beyond_noise(arm, simple) > 0]
    goal = f"log loss never higher than that of {simple} beyond noise"
    return [goal, f"higher on {_list_names(worse)}", _answer(not worse)]


def _compare_means(tables: Sequence[Compared], arm: str, others: Sequence[str]) -> list[str]:
    means = {name: sum(of.mean(name)[AUC] for of in tables) / len(tables) for name in (arm, *others)}
    best = max(others, key=lambda other: means[other])
    behind = means[best] - means[arm]
    goal = f"mean AUC at most {MOST_BEHIND} behind the best of {', '.join(others)}"
    return [goal, f"{behind:+.4f} behind {best}", _answer(behind <= MOST_BEHIND)]


def _compare_each(tables: Sequence[Compared], arm: str, others: Sequence[str]) -> list[str]:
    behind = {of.name: max(of.mean(other)[AUC] for other in others) - of.mean(arm)[AUC] for of in tables}
    far = [f"{name} ({gap:.4f})" for name, gap in behind.items() if gap > MOST_BEHIND_ON_A_TABLE]
    goal = f"AUC at most {MOST_BEHIND_ON_A_TABLE} behind the best of them on each table"
    return [goal, f"further behind on {_list_names(far)}", _answer(not far)]


def _compare_slopes(tables: Sequence[Compared], arm: str, others: Sequence[str]) -> list[str]:
    slopes = [(of.name, of.mean(arm)[SLOPE], [of.mean(other)[SLOPE] for other in others]) for of in tables]
    out = [
        f"{name} ({slope:.2f})"
        for name, slope, theirs in slopes
        if not _is_good(slope) and any(map(_is_good, theirs))
    ]
    goal = f"slope {LOWEST_SLOPE} to {HIGHEST_SLOPE} where that of one of them is"
    return [goal, f"not on {_list_names(out)}", _answer(not out)]


def _is_good(slope: float) -> bool:
    return LOWEST_SLOPE <= slope <= HIGHEST_SLOPE


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(names) or "no table"


def _answer(is_reached: bool) -> str:
    return "yes" if is_reached else "no"
