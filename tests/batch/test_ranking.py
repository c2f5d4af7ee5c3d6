"""The rows with the highest numbers; test_gains.py and test_score.py have whole files."""

import numpy as np

from churn.batch.ranking import Ranking


def pick(parts: list[list[str]], places: np.ndarray) -> list[list[str]]:
    rows = [row for part in parts for row in part]
    return [[rows[place] for place in places]]


def test_a_number_that_is_just_the_limit_has_no_rank():
    ranking = Ranking(9, pick, above=0.0)
    ranking.add(["nothing", "some", "loss", "unknown"], np.array([0.0, 1.0, -1.0, np.nan]))
    ranking.add(["more", "minus nothing"], np.array([2.0, -0.0]))
    assert ranking.ranked() == [["more", "some"]]
