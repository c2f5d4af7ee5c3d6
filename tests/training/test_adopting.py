"""A model that was trained elsewhere, adopted: its probabilities stay, and its table gives all that a card needs."""

import csv
import json
import math
import pickle
import random
import re
from pathlib import Path

import joblib
import msgspec
import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from churn.errors import ModelError, TableError
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.file import Model, load_model
from churn.model.pair import card_path
from churn.model.scoring import probability
from churn.training.adoption_command import run_adoption
from churn.training.split import split_table
from churn.training.table import read_table
from tests import shaped
from tests.customers import CSV, PROJECT

DRAWN = random.Random(18)
CUSTOMERS = [
    {
        "Plan": DRAWN.choice(["Basic", "Two words", "gold"]),
        "Paperless": DRAWN.choice(["yes", "no"]),
        "Senior": DRAWN.randint(0, 1),
        "Tenure": DRAWN.randint(0, 72),
        "Charges": round(DRAWN.uniform(10, 120), 2),
    }
    for _ in range(400)
]
LEFT = [int(DRAWN.random() < (0.6 if customer["Plan"] == "Basic" else 0.2)) for customer in CUSTOMERS]
RECORDS = [
    {
        name.lower(): value.lower().replace(" ", "_") if isinstance(value, str) else value
        for name, value in customer.items()
    }
    for customer in CUSTOMERS
]
"""The customers as the course cleans them."""


def write_table(path: Path, *, changes=None, rows=CUSTOMERS, left=LEFT, target="churn", words=("no", "yes")) -> Path:
    """The table of the customers; `changes` returns each row's own members, where None leaves a column out."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [
            {**row, target: words[label], **(changes(number) if changes else {})}
            for number, (row, label) in enumerate(zip(rows, left, strict=True))
        ]
        names = [name for name, value in rows[0].items() if value is not None]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def fit(*scalers, y=LEFT, records=RECORDS, model=None, **settings):
    """A fitted pipeline of a DictVectorizer, scalers and a logistic regression."""
    model = model or LogisticRegression(max_iter=10_000)
    return make_pipeline(DictVectorizer(sparse=False, **settings), *scalers, model).fit(records, y)


@pytest.fixture
def table(tmp_path) -> Path:
    return write_table(tmp_path / "table.csv")


def write(path: Path, value: object) -> Path:
    path.write_bytes(pickle.dumps(value))
    return path


def adopt(
    tmp_path, *files: Path, table: Path, options: tuple[str, ...] = (), positive_class: str | None = None
) -> Model:
    output = tmp_path / "adopted.bin"
    arguments = [*map(str, files), "--table", str(table), "--output", str(output), *options]
    run_adoption(arguments, positive_class=positive_class)
    return load_model(output)


def score(model: Model, customers=CUSTOMERS) -> list[float]:
    return [probability(model.scorer.log_odds(customer)) for customer in customers]


def check_pair(model: Model, expected) -> None:
    """Check that the service, and scikit-learn with the written pair, give the foreign model's probabilities."""
    assert score(model) == pytest.approx(list(expected), abs=1e-12)
    dv, classifier = pickle.loads(model.path.read_bytes())
    assert classifier.predict_proba(dv.transform(RECORDS))[:, 1] == pytest.approx(list(expected), abs=1e-12)
    assert classifier.classes_.tolist() == [0, 1]


@pytest.mark.parametrize(
    "scalers",
    [[], [StandardScaler()], [StandardScaler(with_mean=False)], [MaxAbsScaler(), StandardScaler(with_std=False)]],
    ids=str,
)
def test_a_pipeline_is_adopted_with_its_own_probabilities(scalers, table, tmp_path, capsys):
    pipeline = fit(*scalers)
    model = adopt(tmp_path, write(tmp_path / "pipeline.bin", pipeline), table=table)
    check_pair(model, pipeline.predict_proba(RECORDS)[:, 1])
    told = capsys.readouterr().out
    for scaler in scalers:
        assert type(scaler).__name__ in told
    assert model.card.training.get("folded", []) == [type(scaler).__name__ for scaler in scalers]


@pytest.mark.parametrize("compress", [0, 3, ("xz", 1)], ids=str)
def test_a_joblib_file_is_adopted(compress, table, tmp_path):
    pipeline = fit(StandardScaler())
    joblib.dump(pipeline, tmp_path / "model.joblib", compress=compress)
    check_pair(adopt(tmp_path, tmp_path / "model.joblib", table=table), pipeline.predict_proba(RECORDS)[:, 1])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_files_are_adopted_in_any_order(order, table, tmp_path):
    dv, model = fit()[0], fit()[-1]
    files = [write(tmp_path / "dv.bin", dv), write(tmp_path / "model1.bin", model)]
    adopted = adopt(tmp_path, *(files[place] for place in order), table=table)
    check_pair(adopted, fit().predict_proba(RECORDS)[:, 1])


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_threshold_and_a_penalty_in_the_file_go_into_the_card(table, tmp_path):
    pipeline = fit(model=LogisticRegressionCV(Cs=[0.25], cv=2, max_iter=10_000))
    model = adopt(tmp_path, write(tmp_path / "model.bin", (pipeline[0], pipeline[-1], 0.3)), table=table)
    check_pair(model, pipeline.predict_proba(RECORDS)[:, 1])
    assert (model.threshold, model.card.training["C"]) == (0.3, 0.25)


@pytest.mark.parametrize(
    ("classes", "words", "options", "leaver"),
    [
        (("churned", "stayed"), ("Stayed", "Churned"), ("--positive", "Churned"), 0),
        (("Stayed", "churned"), ("Stayed", "Churned"), ("--positive", "churned"), 1),
        (("no", "yes"), ("no", "yes"), (), 1),
        ((0, 1), ("Stayed", "Churned"), ("--positive", "Churned"), 1),
        ((0, 1), ("1", "0"), ("--positive", "0"), 0),
    ],
)
def test_the_targets_word_decides_which_class_leaves(classes, words, options, leaver, tmp_path):
    """The written pair has the classes 0 and 1 and is served without a setting."""
    pipeline = fit(y=[classes[leaver] if left else classes[1 - leaver] for left in LEFT])
    table = write_table(tmp_path / "table.csv", words=words)
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table, options=options)
    place = list(pipeline.classes_).index(classes[leaver])
    check_pair(model, pipeline.predict_proba(RECORDS)[:, place])
    assert model.card.figures["auc"] > 0.6


def test_the_word_may_be_the_models_where_the_target_has_yes_and_no(table, tmp_path):
    """Where the model has yes and no, it may be the target's word."""
    pipeline = fit(y=["Churned" if left else "Stayed" for left in LEFT])
    path = write(tmp_path / "model.bin", pipeline)
    model = adopt(tmp_path, path, table=table, options=("--positive", "churned"))
    check_pair(model, pipeline.predict_proba(RECORDS)[:, 0])
    assert model.card.figures["auc"] > 0.6
    with pytest.raises(ModelError, match="--positive or POSITIVE_CLASS must name the class that leaves"):
        adopt(tmp_path, path, table=table, options=("--positive", "yes", "--force"))


def test_the_setting_names_the_models_class_where_the_target_has_another_word(tmp_path):
    pipeline = fit(y=["Churned" if left else "Stayed" for left in LEFT])
    path = write(tmp_path / "model.bin", pipeline)
    table = write_table(tmp_path / "table.csv", words=("Existing", "Attrited"))
    model = adopt(tmp_path, path, table=table, options=("--positive", "Attrited"), positive_class="churned")
    check_pair(model, pipeline.predict_proba(RECORDS)[:, 0])
    assert model.card.figures["auc"] > 0.6
    with pytest.raises(ModelError, match="POSITIVE_CLASS='gone' is neither"):
        adopt(tmp_path, path, table=table, options=("--positive", "Attrited", "--force"), positive_class="gone")


def test_a_category_with_many_values_of_a_single_row_is_reported(tmp_path, capsys):
    """For example a TotalCharges that stayed a text, or the customers' names, which training leaves out."""
    records = [
        {**record, "charges": str(record["charges"]), "name": f"c{number}"} for number, record in enumerate(RECORDS)
    ]
    table = write_table(tmp_path / "table.csv", changes=lambda number: {"Name": f"C{number}"})
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit(records=records)), table=table)
    alone = sum(sum(record["charges"] == other["charges"] for other in RECORDS) == 1 for record in RECORDS)
    told = capsys.readouterr().out
    share = re.search(r"charges: by estimate, ([0-9]+) of 100 new customers have a category that no row has", told)
    assert int(share[1]) == pytest.approx(100 * alone / 400, abs=1)
    assert "name: by estimate, 100 of 100 new customers" in told
    assert [type(field) for field in model.scorer.contract.fields[-2:]] == [Category, Category]


def test_a_number_of_the_model_is_kept_though_training_would_leave_it_out(tmp_path):
    """Here one that counts the rows, and one that is the same in each row."""
    records = [{**record, "tenure": number, "charges": 10.0} for number, record in enumerate(RECORDS)]
    pipeline = fit(StandardScaler(), records=records)
    table = write_table(tmp_path / "table.csv", changes=lambda number: {"Tenure": number, "Charges": 10})
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert [field.name for field in model.scorer.contract.numbers] == ["tenure", "charges"]


def test_a_number_with_a_logarithm_is_not_a_flag(table, tmp_path):
    records = [{**record, "log1p(senior)": math.log1p(record["senior"])} for record in RECORDS]
    pipeline = fit(records=records)
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert score(model) == pytest.approx(pipeline.predict_proba(records)[:, 1].tolist(), abs=1e-12)
    assert Number("senior", 0.0, 1.0, True, lowest=0.0, highest=2.0) in model.scorer.contract.fields


def test_groups_use_the_models_own_categories(tmp_path):
    """The table spells 3, while the model was trained with texts that pandas made of numbers."""
    kids = ["3" if number % 5 else "0" for number in range(400)]
    records = [
        {**record, "kids": f"{count}.0", "family": f"{count > '0'}"}
        for record, count in zip(RECORDS, kids, strict=True)
    ]
    table = write_table(
        tmp_path / "table.csv", changes=lambda number: {"Kids": kids[number], "Family": kids[number] > "0"}
    )
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit(records=records)), table=table)
    (group,) = model.scorer.contract.groups
    assert group.values == (Where("kids", "3.0"), Where("family", "true"))


def test_classes_without_a_word_or_a_setting_are_refused(table, tmp_path):
    path = write(tmp_path / "model.bin", fit(y=["churned" if left else "stayed" for left in LEFT]))
    with pytest.raises(ModelError, match="'churned' and 'stayed': --positive or POSITIVE_CLASS must name"):
        adopt(tmp_path, path, table=table)


def test_a_model_of_raw_columns_is_adopted_in_clean_spelling(table, tmp_path):
    pipeline = fit(StandardScaler(), records=CUSTOMERS)
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    check_pair(model, pipeline.predict_proba(CUSTOMERS)[:, 1])


def test_another_separator_becomes_the_usual_one(table, tmp_path):
    pipeline = fit(separator=" is ")
    check_pair(
        adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table), pipeline.predict_proba(RECORDS)[:, 1]
    )


def test_a_column_of_true_and_false_is_a_flag(tmp_path):
    records = [{**record, "paperless": record["paperless"] == "yes"} for record in RECORDS]
    pipeline = fit(records=records)

    def changes(number):
        return {"Paperless": str(records[number]["paperless"])}

    table = write_table(tmp_path / "table.csv", changes=changes)
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert Flag("paperless") in model.scorer.contract.fields
    customers = [{**customer, **changes(number)} for number, customer in enumerate(CUSTOMERS)]
    assert score(model, customers) == pytest.approx(pipeline.predict_proba(records)[:, 1].tolist(), abs=1e-12)


def test_a_number_of_the_model_that_is_words_in_the_table_is_refused(tmp_path):
    records = [{**record, "paperless": record["paperless"] == "yes"} for record in RECORDS]
    table = write_table(tmp_path / "table.csv")
    with pytest.raises(TableError, match=r"a number for 'paperless', and the table has texts, such as '(yes|no)'"):
        adopt(tmp_path, write(tmp_path / "model.bin", fit(records=records)), table=table)


def test_numbers_that_are_categories_in_the_model_are_categories(tmp_path):
    records = [{**record, "senior": str(record["senior"])} for record in RECORDS]
    pipeline = fit(records=records)
    table = write_table(tmp_path / "table.csv")
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert Category("senior", ("0", "1")) in model.scorer.contract.fields
    assert score(model) == pytest.approx(pipeline.predict_proba(records)[:, 1].tolist(), abs=1e-12)


def test_a_word_for_missing_that_the_model_knows_is_a_category(tmp_path):
    plans = dict.fromkeys(range(0, 400, 7), "NA")
    records = [{**record, "plan": plans.get(number, record["plan"]).lower()} for number, record in enumerate(RECORDS)]
    pipeline = fit(records=records)

    def changes(number):
        return {"Plan": plans.get(number, CUSTOMERS[number]["Plan"])}

    table = write_table(tmp_path / "table.csv", changes=changes)
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert Category("plan", ("basic", "gold", "na", "two_words")) in model.scorer.contract.fields
    assert model.card.table["adopted_on"] == 400


def test_a_word_for_missing_that_no_column_has_is_reported(tmp_path, capsys):
    """Otherwise a misspelled word would have no effect, and no one would notice."""

    def change(number: int) -> dict[str, object]:
        return {"Charges": "gone"} if number == 3 else {"churn": "unsure"} if number < 6 else {}

    table = write_table(tmp_path / "table.csv", changes=change)
    words = ("--missing", "charges=gone,unsure,gnoe,plan=gone")
    adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table, options=words)
    reported = [line for line in capsys.readouterr().out.splitlines() if "--missing" in line]
    assert reported == [f"--missing names {word!r}, which no field has" for word in ("gnoe", "plan=gone")]


def test_the_table_gives_ranges_blanks_marks_limits_and_words(tmp_path):
    charges = dict.fromkeys(range(0, 400, 10), "") | dict.fromkeys(range(1, 400, 10), "n/a")

    def changes(number):
        return {"Charges": charges.get(number, f"${CUSTOMERS[number]['Charges']}")}

    table = write_table(tmp_path / "table.csv", changes=changes)
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    contract = {field.name: field for field in model.scorer.contract.fields}
    known = [row["Charges"] for number, row in enumerate(CUSTOMERS) if number not in charges]
    number = contract["charges"]
    assert (number.minimum, number.maximum, number.missing) == (min(known), max(known), ("n/a",))
    assert number.blank == Blank(float(np.median(known)))
    assert number.highest == pytest.approx(2 * max(known) - min(known))
    assert model.scorer.log_odds({**CUSTOMERS[0], "Charges": "$10.50"})
    assert contract["tenure"] == Number("tenure", 0.0, 72.0, True, lowest=0.0, highest=144.0)


def test_no_limits_are_learned_where_none_are_wanted(table, tmp_path):
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table, options=("--no-limits", "--no-groups"))
    assert model.scorer.contract.fields[-2] == Number("tenure", 0.0, 72.0, True)


def test_values_that_the_model_cannot_know_are_reported_and_left_out(tmp_path, capsys):
    """A column that it has no weight for, a category that it never saw, and a category that no row has."""

    def changes(number):
        return {
            "Plan": "Platinum" if number < 12 else "Basic",
            "Customer": f"c{number}",
            "Region": None if number < 0 else "north",
        }

    table = write_table(tmp_path / "table.csv", changes=changes)
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    told = capsys.readouterr().out
    assert "left out customer: the model has no weight for it" in told
    assert "plan: the model has no weight for 'platinum', in 12 rows (3 %): such customers are refused" in told
    assert "plan: no row has 'gold' and 'two_words', which the model knows and accepts" in told
    assert "would refuse 12 of 400 rows (plan: 12)" in told
    assert model.card.table["left_out"].keys() == {"customer", "region"}
    assert (model.card.table["rows"], model.card.table["adopted_on"]) == (400, 388)
    assert model.scorer.contract.fields[0] == Category("plan", ("basic", "gold", "two_words"))


@pytest.mark.parametrize("refused", [40, 41])
def test_a_table_with_more_than_a_tenth_of_its_rows_refused_is_refused_and_nothing_is_written(refused, tmp_path):
    path = write(tmp_path / "model.bin", fit())
    table = write_table(tmp_path / "table.csv", changes=lambda number: {"Plan": "x"} if number < refused else {})
    if refused == 40:
        assert adopt(tmp_path, path, table=table).card.table["adopted_on"] == 360
        return
    with pytest.raises(TableError, match=r"would refuse 41 of 400 rows \(plan: 41\)"):
        adopt(tmp_path, path, table=table)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.bin", "table.csv"]


def test_a_field_without_a_column_is_named_and_can_be_mapped(tmp_path):
    table = write_table(
        tmp_path / "table.csv",
        changes=lambda number: {"Tenure": None, "Months": CUSTOMERS[number]["Tenure"]},
    )
    path = write(tmp_path / "model.bin", fit())
    with pytest.raises(TableError, match="has no column for 'tenure', which the model has weights for"):
        adopt(tmp_path, path, table=table)
    model = adopt(tmp_path, path, table=table, options=("--map", "Months=tenure"))
    check_pair(model, fit().predict_proba(RECORDS)[:, 1])


def test_texts_from_a_foreign_file_are_shown_in_one_short_line_without_escape_codes(table, tmp_path):
    """A field that no column has, many such fields, and a field whose name is not in clean spelling."""
    for names in (["a\x1b[2J\n" + "b" * 1_000_000], [f"field{number}" for number in range(2_000)]):
        records = [{**record, **dict.fromkeys(names, 1.0)} for record in RECORDS[:50]]
        path = write(tmp_path / "model.bin", fit(records=records, y=LEFT[:50]))
        with pytest.raises((TableError, ModelError)) as error:
            adopt(tmp_path, path, table=table)
        assert len(str(error.value)) < 2_000
        assert str(error.value).isprintable()


def test_figures_on_the_table_are_called_adopted_on_and_never_tested_on(table, tmp_path, capsys):
    pipeline = fit()
    model = adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    expected = pipeline.predict_proba(RECORDS)[:, 1]
    pairs = [(leaver, stayer) for leaver in expected[np.array(LEFT) == 1] for stayer in expected[np.array(LEFT) == 0]]
    auc = np.mean([(leaver > stayer) + 0.5 * (leaver == stayer) for leaver, stayer in pairs])
    assert model.card.figures.keys() == {"adopted_on", "auc", "log_loss", "brier"}
    assert model.card.figures["auc"] == pytest.approx(auc, abs=1e-12)
    assert model.card.figures["brier"] == pytest.approx(np.mean((expected - LEFT) ** 2), abs=1e-12)
    assert not {"tested_on", "trained_on", "split"} & (model.card.figures.keys() | model.card.table.keys())
    assert "on these 400 customers, on which the model may have been trained: auc=" in capsys.readouterr().out


def test_a_table_without_a_target_gives_a_card_without_figures(tmp_path, capsys):
    path = write(tmp_path / "model.bin", fit())
    unlabelled = write_table(tmp_path / "table.csv", target="Left")
    model = adopt(tmp_path, path, table=unlabelled)
    assert (model.card.figures, "churn_rate" in model.card.table) == ({}, False)
    assert model.card.average
    assert "no figures: the table has no column 'churn'; --target names another one" in capsys.readouterr().out
    labelled = adopt(tmp_path, path, table=unlabelled, options=("--target", "Left", "--event", "go", "--force"))
    assert labelled.card.figures["adopted_on"] == 400
    assert (labelled.card.target, labelled.card.event) == ("Left", "go")
    with pytest.raises(TableError, match="has no column 'gone'"):
        adopt(tmp_path, path, table=unlabelled, options=("--target", "gone", "--force"))


def test_a_model_that_ranks_the_wrong_way_round_is_reported(tmp_path, capsys):
    table = write_table(tmp_path / "table.csv", left=[1 - left for left in LEFT])
    adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    assert "an AUC below 0.5 means that the model ranks the wrong way round" in capsys.readouterr().out


FAR_OFF = "is far from the churn rate: are the table's numbers in the units that the model was trained on"


@pytest.mark.parametrize("scale", [lambda months: months / 100, lambda months: (months - 36) / 21], ids=["/", "z"])
def test_a_model_with_numbers_in_other_units_than_the_tables_is_reported(scale, tmp_path, capsys):
    # customers with a short tenure leave more often, which the model has learned in its own units
    left = [int(DRAWN.random() < (0.7 if customer["Tenure"] < 20 else 0.1)) for customer in CUSTOMERS]
    pipeline = fit(y=left, records=[{**record, "tenure": scale(record["tenure"])} for record in RECORDS])
    table = write_table(tmp_path / "table.csv", left=left)
    adopt(tmp_path, write(tmp_path / "model.bin", pipeline), table=table)
    assert FAR_OFF in capsys.readouterr().out
    adopt(tmp_path, write(tmp_path / "model.bin", fit(y=left)), table=table, options=("--force",))
    assert FAR_OFF not in capsys.readouterr().out


def test_a_reversed_model_is_not_reported_to_have_other_units(tmp_path, capsys):
    table = write_table(tmp_path / "table.csv", left=[1 - left for left in LEFT])
    adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    assert FAR_OFF not in capsys.readouterr().out


def test_a_table_in_which_every_row_is_refused_is_reported_with_100_percent(tmp_path, capsys):
    table = write_table(tmp_path / "table.csv", changes=lambda number: {"Paperless": "perhaps"})
    with pytest.raises(TableError, match="would refuse 400 of 400 rows"):
        adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    assert "in 400 rows (100 %)" in capsys.readouterr().out


def test_the_shipped_model_gets_its_contract_average_and_golden_customers_back(tmp_path, shipped):
    split = split_table(read_table(CSV), folds=5)
    header, *rows = CSV.read_text(encoding="utf-8").splitlines(keepends=True)
    table = tmp_path / "trained_on.csv"
    table.write_text(header + "".join(rows[row] for row in split.train), encoding="utf-8")
    bare = tmp_path / "bare.bin"
    bare.write_bytes((PROJECT / "model_C=1.0.bin").read_bytes())
    card, own = adopt(tmp_path, bare, table=table).card, shipped.card
    assert card.contract == own.contract
    assert [golden.customer for golden in card.golden] == [golden.customer for golden in own.golden]
    probabilities = [golden.probability for golden in own.golden]
    assert [golden.probability for golden in card.golden] == pytest.approx(probabilities, abs=1e-12)
    assert card.average == pytest.approx(own.average, abs=1e-9)
    assert (card.threshold, card.target) == (own.threshold, own.target)
    assert card.counts == msgspec.structs.replace(own.counts, probabilities=None, tested=None)


def test_a_model_with_curves_and_pairs_gets_them_and_its_shares_back(tmp_path):
    table = tmp_path / "table.csv"
    rows = [dict(customer) for customer in shaped.CUSTOMERS]
    write_table(table, rows=rows, left=[number % 2 for number in range(len(rows))])
    bare = shaped.write_shaped(tmp_path / "bare.bin", card=False)
    own = load_model(shaped.write_shaped(tmp_path / "own.bin")).card
    card = adopt(tmp_path, bare, table=table).card
    assert {curve.field: curve for curve in card.curves} == {curve.field: curve for curve in own.curves}
    places = [card.interactions.index(interaction) for interaction in own.interactions]
    for place, cells in zip(places, own.shares, strict=True):
        assert np.array(card.shares[place]) == pytest.approx(np.array(cells), abs=1e-12)
    assert card.average == pytest.approx(own.average, abs=1e-9)
    fields = {field.name: field for field in card.contract.fields}
    assert fields["charges"].blank == Blank(65.0, apart=True)
    assert (fields["senior"], fields["plan"]) == (Flag("senior"), Category("plan", ("", "basic", "plus", "pro")))


def test_a_blank_that_another_field_explains_is_reported(tmp_path, capsys):
    def changes(number):
        return {} if CUSTOMERS[number]["Tenure"] else {"Charges": ""}

    model = adopt(
        tmp_path, write(tmp_path / "model.bin", fit()), table=write_table(tmp_path / "table.csv", changes=changes)
    )
    assert model.scorer.contract.fields[-1].blank == Blank(0.0, Where("tenure", 0.0))
    assert "charges: a blank counts as 0 where tenure 0, as the table suggests" in capsys.readouterr().out


def test_the_card_is_sealed_and_belongs_to_exactly_these_bytes(table, tmp_path):
    model = adopt(tmp_path, write(tmp_path / "model.bin", fit()), table=table)
    card = json.loads(card_path(model.path).read_text())
    assert (card["model_sha256"], next(iter(card))) == (model.sha256, "card_sha256")


MODELS = PROJECT / "tests" / "models"
FILES = json.loads((MODELS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file["outcome"] == "adopted"])
def test_a_file_that_the_service_refuses_and_adopt_accepts_gives_scikit_learns_probabilities(name, tmp_path):
    """The model files of tests/models, described in test_foreign_files, with a table of their own customers."""
    file = FILES[name]
    customers = json.loads((MODELS / "customers.json").read_text(encoding="utf-8"))[file["customers"]]
    table = write_table(tmp_path / "table.csv", rows=customers, left=[number % 2 for number in range(len(customers))])
    beside = [MODELS / file["beside"]] if "beside" in file else []
    model = adopt(tmp_path, MODELS / name, *beside, table=table)
    with table.open(encoding="utf-8", newline="") as rows:
        answers = score(model, list(csv.DictReader(rows)))
    assert answers == pytest.approx(file["probabilities"], rel=0, abs=1e-12)
    assert model.threshold == file.get("threshold", 0.5)
