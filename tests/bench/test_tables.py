"""The comparison on public tables is fair, as a small table made here shows; the document quotes stored results."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from bench.public_tables import TABLES, PublicTable, write_csv
from bench.tables import HEADER, Compared, Untaken, compare, loss_gain, tally, write_report
from churn.training.split import SEED, TEST_SHARE
from tests.bench.reports import read_tables
from tests.customers import PROJECT

REPORT = (PROJECT / "bench" / "tables.md").read_text()
DOCUMENT = (PROJECT / "docs" / "training.md").read_text()
ROWS, UNLABELLED = 400, (3, 200, 399)
STATES = PublicTable("made/states", "gone", "yes")


def make_frame() -> pd.DataFrame:
    """Customers as in an R package: row names, a text, a boolean, a number with blanks, a target with some blanks."""
    rng = np.random.default_rng(1)
    visits = rng.normal(size=ROWS)
    frame = pd.DataFrame(
        {
            "rownames": np.arange(1, ROWS + 1),
            "state": rng.choice(["Ohio", "New York", "Utah"], ROWS),
            "is_new": rng.random(ROWS) < 0.3,
            "visits": np.where(rng.random(ROWS) < 0.1, np.nan, visits),
            "gone": np.where(rng.random(ROWS) < 1 / (1 + np.exp(1 - 2 * visits)), "yes", "no"),
        }
    )
    frame.loc[list(UNLABELLED), "gone"] = np.nan
    return frame


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Compared:
    path = tmp_path_factory.mktemp("tables") / "states.csv"
    write_csv(make_frame(), path)
    with threadpool_limits(limits=1):
        return compare(STATES, path)


def test_the_file_has_an_index_and_spells_blanks_and_booleans_as_r_does(tmp_path):
    write_csv(make_frame(), tmp_path / "states.csv")
    header, first, *_ = (tmp_path / "states.csv").read_text().splitlines()
    assert header == ",rownames,state,is_new,visits,gone"
    assert first.split(",")[:2] == ["0", "1"]
    cells = {cell for line in (tmp_path / "states.csv").read_text().splitlines()[1:] for cell in line.split(",")}
    assert {"NA", "TRUE", "FALSE"} <= cells
    assert not {"", "True", "False", "nan"} & cells


def test_both_models_are_fitted_and_tested_on_the_same_rows_with_the_same_labels(compared):
    """The pipeline by hand, on rows that are selected here: those with a label, split as the documents describe."""
    frame = make_frame().dropna(subset=["gone"]).reset_index(drop=True)
    y = frame["gone"].eq("yes").to_numpy(dtype=np.int64)
    train, test = train_test_split(np.arange(len(frame)), test_size=TEST_SHARE, random_state=SEED)
    assert compared.rows.tolist() == test.tolist()
    assert compared.y.tolist() == y[test].tolist()
    visits = frame[["visits"]].fillna(frame["visits"].iloc[train].mean())
    scaler = StandardScaler().fit(visits.iloc[train])
    texts = pd.get_dummies(frame[["state", "is_new"]].astype(str)).to_numpy(dtype=np.float64)
    X = np.hstack([scaler.transform(visits), texts])
    model = LogisticRegression().fit(X[train], y[train])
    np.testing.assert_allclose(compared.theirs, model.predict_proba(X[test])[:, 1], rtol=0, atol=1e-6)
    assert compared.converged


def test_ours_is_the_model_of_train_py_and_its_row_numbers_are_not_fields(compared):
    findings = compared.findings
    assert compared.ours is findings.tested.probabilities
    assert [field.name for field in findings.fit.contract.fields] == ["state", "is_new", "visits"]
    assert len(findings.split.table.y) == ROWS - len(UNLABELLED)


def test_customers_that_the_contract_refuses_are_left_out_for_both_models(tmp_path):
    frame = make_frame()
    _, test = train_test_split(np.arange(ROWS - 3), test_size=TEST_SHARE, random_state=SEED)
    unlike = frame.dropna(subset=["gone"]).index[test[0]]
    frame.loc[unlike, "state"] = "Guam"
    write_csv(frame, tmp_path / "states.csv")
    with threadpool_limits(limits=1):
        compared = compare(STATES, tmp_path / "states.csv")
    assert compared.rows.tolist() == test[1:].tolist()
    assert len(compared.ours) == len(compared.theirs) == len(compared.y) == len(test) - 1
    assert "1 of 80 test customers refused: state: 1" in write_report([compared], "here")


def test_a_value_read_as_the_other_label_ends_the_run(tmp_path):
    write_csv(make_frame(), tmp_path / "states.csv")
    with pytest.raises(SystemExit, match="other labels"):
        compare(STATES._replace(positive="no"), tmp_path / "states.csv")


def test_options_are_given_only_to_a_table_that_is_refused_and_only_those_that_the_refusal_names(tmp_path):
    frame = make_frame().replace({"gone": {"yes": "Attrited", "no": "Existing"}})
    write_csv(frame, tmp_path / "words.csv")
    words = STATES._replace(positive="Attrited", options="--positive Attrited")
    with threadpool_limits(limits=1):
        taken = compare(words, tmp_path / "words.csv")
        assert isinstance(taken, Compared)
        assert "--positive" in taken.refusal
        assert str(tmp_path) not in write_report([taken], "here")
        with pytest.raises(SystemExit, match="does not name --drop"):
            compare(words._replace(options="--positive Attrited --drop visits"), tmp_path / "words.csv")
        untaken = compare(words._replace(options=""), tmp_path / "words.csv")
        assert untaken == Untaken(untaken.table, taken.refusal)
        write_csv(make_frame(), tmp_path / "states.csv")
        with pytest.raises(SystemExit, match="not needed"):
            compare(STATES._replace(options="--positive yes"), tmp_path / "states.csv")


def test_the_interval_of_a_log_loss_gain_holds_the_true_gain_in_95_of_100_simulations():
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.05, 0.6, 2_000)
    wrong = np.clip(truth + rng.normal(scale=0.1, size=len(truth)), 0.02, 0.98)
    expected = np.mean(truth * np.log(truth / wrong) + (1 - truth) * np.log((1 - truth) / (1 - wrong)))
    held = 0
    for _ in range(400):
        low, high = loss_gain((rng.random(len(truth)) < truth).astype(np.int64), truth, wrong)
        held += low <= expected <= high
    assert 370 <= held <= 391  # 380, and two and a half standard deviations


def test_the_document_has_every_row_of_the_report_unchanged():
    assert read_tables(DOCUMENT)[HEADER] == read_tables(REPORT)[HEADER]
    assert list(read_tables(REPORT)[HEADER]) == [table.name for table in TABLES]


def test_the_documents_count_of_outcomes_is_that_of_the_reports_rows():
    cells = [list(row) for row in read_tables(REPORT)[HEADER].values()]
    assert tally(cells) in REPORT
    assert tally(cells) in DOCUMENT
    assert tally(
        [["a", "", "", *[""] * 5, "alike", "", ""], ["b", "", "`--x`", *[""] * 5, "worse: AUC", "", ""]]
    ) == ("Of 2 tables, train.py is better on 0, worse on 1, alike on 1, refuses 0; 1 need no option.")
