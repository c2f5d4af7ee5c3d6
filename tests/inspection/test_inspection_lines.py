"""The findings on a file as lines: the content of each line, and foreign texts that are quoted and shortened."""

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import sklearn

from churn.inspection.inspecting import inspect_file
from churn.inspection.inspection_lines import describe_inspection
from tests.customers import PROJECT
from tests.pairs import write_model
from tests.shaped import make_sklearn, write_shaped

MODELS = PROJECT / "tests" / "models"
EXPECTED = json.loads((MODELS / "expected.json").read_text(encoding="utf-8"))
ESCAPE = "\x1b[31m"


def describe(path: Path, content: object = None) -> list[str]:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content))
    return describe_inspection(inspect_file(path))


def test_a_small_file_is_described_from_its_first_line_to_its_last(tmp_path):
    dv, model = make_sklearn({"plan=a": 0.5, "plan=": -0.25, "tenure": -0.004, "log1p(tenure)": -1.0}, 0.125)
    path, content = tmp_path / "model.bin", pickle.dumps([model, dv], protocol=3)
    assert describe(path, content) == [
        f"{path}: the service would serve it",
        f"file:         {len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()[:12]}...",
        "kind:         a pickle, protocol 3",
        "holds:        a list: LogisticRegression, DictVectorizer",
        f"written by:   scikit-learn '{sklearn.__version__}'",
        "fitted with:  C=1.0, solver='lbfgs'",
        "card:         none",
        "who leaves:   1 (who stays: 0)",
        "threshold:    0.5, since the file has none",
        "intercept:    0.125 log-odds",
        "columns:      4, of 2 fields",
        "  'plan'    'a', blank",
        "  'tenure'  a number, with its logarithm",
        "",
        "odds ratios: the factor by which each multiplies the odds of class 1",
        "          1.65  'plan' is 'a'",
        "          0.78  'plan' is blank",
        "",
        "and of numbers, for a step of each",
        "          0.50  'tenure', each time that 1 + 'tenure' doubles",
        "          0.96  'tenure', for 10 more",
    ]


def test_a_card_curves_and_pairs_of_fields_are_described(tmp_path):
    lines = "\n".join(describe(write_shaped(tmp_path / "model.bin")))
    for words in (
        "card:         'model.json' belongs to it, target 'churn',\n              40 golden customers reproduced",
        "threshold:    0.5, the card's",
        "'senior'    0 or 1\n",
        "'tenure'    a number, 0 to 72 in training, a curve of 3 pieces\n",
        "'charges'   a number, 18.5 to 118.75 in training, a curve of 3 pieces,\n              or blank\n",
        "pairs:        'contract' and 'tenure', 'senior' and 'charges',\n              'plan' and 'senior'\n",
        "13.8  'tenure' at 0, compared with 72\n",
        "0.64  'plan' is 'pro' and 'senior' from 1\n",
    ):
        assert words in lines


def test_the_threshold_of_a_file_is_shown_as_its_own():
    assert "threshold:    0.4, the file's" in describe(MODELS / "sklearn-1.9.1-dict-threshold.bin")


def test_the_class_that_leaves_is_asked_for_where_the_classes_do_not_show_it(tmp_path):
    lines = describe(write_model(tmp_path / "model.bin", ["stayed", "gone"]))
    assert lines[0].endswith(": the service would serve it, with POSITIVE_CLASS set")
    assert "classes:      'gone' and 'stayed': POSITIVE_CLASS must name the class that leaves" in lines
    assert "odds ratios: the factor by which each multiplies the odds of class 'stayed'" in lines


def test_a_class_weight_comes_with_its_effect_on_probabilities():
    lines = describe(MODELS / "sklearn-1.9.1-balanced.bin")
    place = lines.index("fitted with:  C=1.0, solver='lbfgs', class_weight='balanced'")
    assert lines[place + 1] == "              (class_weight: probabilities are not shares of customers)"


def test_a_file_that_adopt_can_read_comes_with_the_reason_and_the_command():
    lines = describe(MODELS / "sklearn-1.9.1-joblib-zlib.bin")
    assert lines[0].endswith(": not served as it is, but adopt can read it")
    assert lines[-2].startswith("why not:  is compressed by zlib, ")
    assert lines[-1] == "adopt:    python -m churn adopt FILE --table CUSTOMERS.csv --output model.bin"


def test_a_refused_pickle_shows_its_names_and_no_weights():
    lines = describe(MODELS / "sklearn-1.9.1-forest.bin")
    assert lines[0].endswith(": not served")
    [names] = [line for line in lines if line.startswith("names:")]
    assert "'sklearn.ensemble._forest.RandomForestClassifier'" in "\n".join(lines)
    assert lines[lines.index(names) :][-2:] == [
        "              (read from the file, nothing of it was run)",
        "card:         none",
    ]


def test_a_card_that_is_not_used_is_shown_as_such(pair):
    pair.with_suffix(".json").write_text("{}")
    assert f"card:         '{pair.with_suffix('.json').name}', not used" in describe(pair)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_lines_of_usual_files_fit_a_terminal(name):
    lines = describe(MODELS / name)
    assert all(len(line) <= 80 for line in lines[1:] if not line.startswith(("why not:", "adopt:")))


def test_of_many_columns_the_first_are_shown_and_the_others_counted(tmp_path):
    weights = {f"field{place}={category}": 0.1 for place in range(200) for category in range(50)}
    weights |= {f"number{place}": 0.1 for place in range(3_000)}
    lines = describe(tmp_path / "model.bin", make_sklearn(weights, 0.0))
    assert len(lines) < 150
    assert "columns:      13,000, of 3,200 fields" in lines
    for words in ("and 38 more", "  and 3,150 more fields", "and 9,990 more", "and 2,990 more"):
        assert any(line.endswith(words) for line in lines)


def test_texts_of_a_file_are_quoted_cut_and_without_control_characters(tmp_path):
    weights = {f"{ESCAPE}={'x' * 5_000}": 0.1, f"{ESCAPE}={ESCAPE}": 0.2, "n" * 100_000: 0.3, "a\nb": 0.4}
    dv, model = make_sklearn(weights, 0.0)
    model.classes_, model.solver, model.C = np.array([ESCAPE, "b"]), ESCAPE, ESCAPE * 1_000
    lines = describe(tmp_path / f"{ESCAPE}.bin", {ESCAPE: dv, "m" * 1_000: model, "note": ESCAPE, "of": ["\x07"]})
    assert "the service would serve it" in lines[0]
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines[1:])) < 300
    assert sum(repr(ESCAPE) in line for line in lines) >= 6
    assert any(line.startswith("  'nnn") and line.endswith("...'  a number") for line in lines)


def test_a_refusal_has_no_control_characters(tmp_path):
    lines = describe(
        tmp_path / "model.bin", pickle.dumps(make_sklearn({"a": 0.1}, 0.0)).replace(b"sklearn", b"skl\x1barn")
    )
    assert any("'skl\\x1barn" in line for line in lines)
    assert all(line.isprintable() for line in lines)
    refusal = inspect_file(tmp_path / "model.bin").refusal
    assert str(refusal).isprintable()
