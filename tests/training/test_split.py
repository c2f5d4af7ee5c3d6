"""The split of the rows: the course's own, scikit-learn's TimeSeriesSplit, and tables too small for them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit, train_test_split

from churn.errors import TableError
from churn.training.split import USUAL_SPLIT, find_test_rows, split_table
from churn.training.table import Table
from churn.training.times import Times


def table_of(y, times=None) -> Table:
    """A table with these labels and, if given, times: whole numbers, or texts of dates."""
    values = None if times is None else np.array(times, "datetime64[us]" if isinstance(times[0], str) else float)
    known = None if values is None else Times("week", values, np.full(len(values), True))
    customers = pd.DataFrame(index=range(len(y)))
    return Table(Path("t.csv"), "churn", customers, np.array(y), (), "", "", times=known)


def test_the_parts_are_those_of_the_course_and_hold_every_row_once():
    split = split_table(table_of([0, 1, 0] * 30), folds=5)
    train, test = train_test_split(np.arange(90), test_size=0.2, random_state=1)
    assert (split.train.tolist(), split.test.tolist()) == (train.tolist(), test.tolist())
    assert sorted([*split.train, *split.test]) == list(range(90))
    assert split.describe() == USUAL_SPLIT


def test_another_seed_and_share_draw_other_rows_and_other_folds():
    split = split_table(table_of([0, 1, 0] * 30), folds=3, test_share=0.3, seed=7)
    train, test = train_test_split(np.arange(90), test_size=0.3, random_state=7)
    assert (split.train.tolist(), split.test.tolist()) == (train.tolist(), test.tolist())
    folds = KFold(3, shuffle=True, random_state=7).split(train)
    assert [tuple(map(list, fold)) for fold in split.folds] == [tuple(map(list, fold)) for fold in folds]
    assert split.describe() == {"kind": "random", "seed": 7, "test_share": 0.3}


@pytest.mark.parametrize(("count", "folds", "share"), [(90, 5, 0.2), (101, 5, 0.2), (97, 4, 0.33), (60, 2, 0.5)])
def test_in_time_the_newest_are_tested_on_and_the_folds_are_those_of_scikit_learns_time_series_split(
    count, folds, share
):
    weeks = np.random.default_rng(1).permutation(count).astype(float)
    table = table_of(np.resize([0, 1, 0, 1, 1], count), weeks.tolist())
    split = split_table(table, folds=folds, test_share=share)
    test = int(np.ceil(share * count))
    assert weeks[split.test].tolist() == list(range(count - test, count))
    assert weeks[split.train].tolist() == list(range(count - test))
    expected = TimeSeriesSplit(folds).split(split.train)
    assert [tuple(map(list, fold)) for fold in split.folds] == [tuple(map(list, fold)) for fold in expected]


def test_rows_of_the_same_time_are_never_on_both_sides():
    rng = np.random.default_rng(2)
    for _ in range(200):
        count = int(rng.integers(60, 200))
        months = rng.integers(0, 15, count).astype(float)
        split = split_table(table_of(np.resize([0, 1], count), months.tolist()), folds=3)
        assert months[split.train].max() < months[split.test].min()
        assert abs(len(split.test) - 0.2 * count) <= np.bincount(months.astype(int)).max()
        held_out = [months[split.train][fold.held_out] for fold in split.folds]
        for fold, later in zip(split.folds, held_out, strict=True):
            assert months[split.train][fold.fitted_on].max() < later.min()
        assert np.concatenate(held_out).max() == months[split.train].max()


def test_a_cut_goes_to_the_nearest_end_of_the_rows_of_one_time():
    months = [1] * 30 + [2] * 20 + [3] * 12 + [4] * 16 + [5] * 22  # 80 of 100 rows end 2 rows into month 5
    split = split_table(table_of([0, 1] * 50, months), folds=2)
    assert len(split.test) == 22
    assert split.describe() == {"kind": "time", "column": "week", "test_share": 0.2, "test_from": "5"}


def test_the_first_day_of_the_test_part_is_in_the_description():
    days = [f"2023-{1 + row // 10:02}-{1 + row % 10:02}" for row in range(100)]
    split = split_table(table_of([0, 1] * 50, days[:90] + ["2023-12-31"] * 10), folds=2)
    assert split.describe()["test_from"] == "2023-09-01"


def test_the_test_rows_of_another_split_of_the_table_are_found_from_its_description():
    y, weeks = np.resize([0, 1, 0, 1, 1], 100), np.random.default_rng(1).permutation(100).astype(float)
    plain, timed = table_of(y), table_of(y, weeks.tolist())
    for table, options in ((plain, {"test_share": 0.3, "seed": 7}), (timed, {"test_share": 0.1}), (timed, {})):
        split = split_table(table, folds=3, **options)
        assert find_test_rows(table, split.describe(), rows=100).tolist() == split.test.tolist()
    by_chance = split_table(plain, folds=3)
    assert find_test_rows(timed, by_chance.describe(), rows=100).tolist() == by_chance.test.tolist()
    in_time = split_table(timed, folds=3).describe()
    assert find_test_rows(plain, in_time, rows=100) is None
    for changed in ({"column": "month"}, {"test_from": "1"}, {"test_share": "x"}, {"kind": "other"}):
        assert find_test_rows(timed, in_time | changed, rows=100) is None
    assert find_test_rows(timed, {}, rows=100) is None
    assert find_test_rows(timed, in_time, rows=99) is None


def test_rows_without_a_time_are_among_those_drawn_by_a_random_split():
    known = np.arange(100) % 4 > 0
    times = Times("week", np.arange(75.0), known)
    timed = Table(
        Path("t.csv"), "churn", pd.DataFrame(index=range(75)), np.resize([0, 1], 75), (), "", "", times=times
    )
    drawn = split_table(table_of(np.resize([0, 1], 100)), folds=3)
    found = find_test_rows(timed, drawn.describe(), rows=100)
    assert np.flatnonzero(known)[found].tolist() == [row for row in drawn.test if known[row]]


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        ([0, 1, 0, 1, 0, 1, 0, 1, 0], "has 9 rows, too few for 5 folds"),
        ([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "fold 2 would have one class only"),
        (
            [0] * 40 + [1],
            "would have one class only, as only 1 of 32 rows .* are of the rarer class; the table needs more",
        ),
        (
            [0] * 46 + [1] * 4,
            "would have one class only, as only . of 40 rows .* are of the rarer class; use fewer --folds",
        ),
    ],
)
def test_a_table_that_is_too_small_for_its_folds_is_refused(y, reason):
    with pytest.raises(TableError, match=rf"^t\.csv: .*{reason}"):
        split_table(table_of(y), folds=5)


def test_the_share_that_a_refusal_suggests_is_accepted():
    months = [*range(200)] + [201] * 350 + [202] * 50
    with pytest.raises(TableError, match=r"it would be 8.3 % of the rows; --test-share 0.083 allows that"):
        split_table(table_of([0, 1] * 300, months), folds=2)
    for share, tested in ((0.083, 50), (0.16, 50), (0.67, 402)):
        assert len(split_table(table_of([0, 1] * 300, months), folds=2, test_share=share).test) == tested


@pytest.mark.parametrize("times", [None, list(range(400))])
def test_a_test_part_with_one_class_is_refused_with_the_option_that_makes_it_larger(times):
    reason = "has too few rows: its test part, 1 row, has one class only; --test-share takes more of them"
    with pytest.raises(TableError, match=reason):
        split_table(table_of([0, 1] * 200, times), folds=2, test_share=0.001)


@pytest.mark.parametrize("times", [None, list(range(20))])
def test_a_test_share_that_leaves_too_few_rows_is_refused(times):
    with pytest.raises(TableError, match="1 rows to train on are too few for 2 folds"):
        split_table(table_of([0, 1] * 10, times), folds=2, test_share=0.95)


@pytest.mark.parametrize(
    ("months", "reason"),
    [
        ([1] * 60, "has only rows with one time; without --time"),
        (
            [1] * 10 + [2] * 50,
            "has too many rows with one time, 50 of week 2, to test on the newest 0.2 of them: "
            "it would be 83 % of the rows; --test-share 0.83 allows that",
        ),
        (
            [*range(10)] + [11] * 45 + [12] * 5,
            "45 of week 11, to .*: it would be 8.3 % of the rows; --test-share 0.083",
        ),
        ([1] * 20 + [2] * 25 + [3] * 15, "has 2 different times in the rows to train on, too few for 3 folds"),
        (
            [1] * 40 + [2, 3, 4, 5, 6] + [7] * 15,
            "too few for 3 folds in their order, because many rows have one time, 40 of week 1",
        ),
    ],
)
def test_too_few_different_times_are_refused_with_the_way_out(months, reason):
    with pytest.raises(TableError, match=reason) as error:
        split_table(table_of(np.resize([0, 1], 60), months), folds=3)
    assert "--time" in str(error.value) or "--folds" in str(error.value)
