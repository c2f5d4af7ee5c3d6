"""The model files of tests/models, made by scikit-learn 0.24 to 1.9 in every form in which people store them.

Those that are served give scikit-learn's own probabilities, in whatever spelling a customer is sent. The others are
refused with what they are, and with the command of adopt where it can help. tests/models/make.py describes how they
are made.
"""

import json

import pytest

from churn.errors import ModelError
from churn.model.file import load_model
from churn.model.scoring import probability
from churn.model.spelling import clean
from tests.customers import PROJECT

MODELS = PROJECT / "tests" / "models"
FILES = json.loads((MODELS / "expected.json").read_text(encoding="utf-8"))
CUSTOMERS = json.loads((MODELS / "customers.json").read_text(encoding="utf-8"))
ADOPT = "python -m churn adopt FILE --table CUSTOMERS.csv --output model.bin"
ADOPT_BOTH = "python -m churn adopt FILE OTHER_FILE --table CUSTOMERS.csv --output model.bin"


def named(outcome: str) -> list[str]:
    return [name for name, file in FILES.items() if file["outcome"] == outcome]


def refusal(name: str) -> str:
    with pytest.raises(ModelError) as error:
        load_model(MODELS / name)
    assert error.value.path == MODELS / name
    assert error.value.reason.isprintable()
    return error.value.reason


@pytest.mark.parametrize("name", named("served"))
def test_a_served_file_gives_scikit_learns_probabilities_in_raw_and_in_clean_spelling(name):
    model, file = load_model(MODELS / name), FILES[name]
    customers = CUSTOMERS[file["customers"]]
    cleaned = [
        {clean(field): clean(value) if isinstance(value, str) else value for field, value in customer.items()}
        for customer in customers
    ]
    shouted = [
        {
            f" {field.upper()} ": value.upper() if isinstance(value, str) else value
            for field, value in customer.items()
        }
        for customer in customers
    ]
    for spelled in (customers, cleaned, shouted):
        answers = [probability(model.scorer.log_odds(customer)) for customer in spelled]
        assert answers == pytest.approx(file["probabilities"], rel=0, abs=1e-12)
    assert model.threshold == file.get("threshold", 0.5)
    assert model.card is None


@pytest.mark.parametrize("name", named("adopted"))
def test_a_file_that_can_be_adopted_is_refused_with_the_command(name):
    assert refusal(name).endswith(ADOPT_BOTH if FILES[name]["kind"] == "alone-model" else ADOPT)


@pytest.mark.parametrize("name", named("refused"))
def test_a_refused_file_is_named_by_what_it_is(name):
    reason = refusal(name)
    assert all(word in reason for word in FILES[name]["names"])
    assert ("adopt" in reason) == FILES[name]["kind"].startswith("alone")


def test_the_stored_files_span_the_versions_and_the_forms():
    by_version = {}
    for file in FILES.values():
        by_version.setdefault(file["scikit_learn"], set()).add(file["kind"])
    plain = {"pair", "pipeline", "list", "dict-dv-model", "dv-model-threshold", "cv", "random-state", "raw"}
    for version in ("0.24.2", "1.0.2", "1.3.2", "1.5.2", "1.7.2", "1.9.1"):
        assert plain <= by_version[version], version
    for version in ("0.24.2", "1.9.1"):
        assert {"protocol0", "protocol5", "sparse", "no-intercept", "joblib-zlib", "scaled"} <= by_version[version]
    assert {path.name for path in MODELS.glob("*.bin")} == set(FILES)
