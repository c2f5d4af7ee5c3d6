"""Tables as users bring them, run by train.py: the wording on their columns, and the exit status.

The cases are data: tests/cases/tables.json, on made-up tables of 80 customers.
"""

import json
import re

import pytest

import train
from churn.errors import ChurnError
from churn.model.fields import Number
from churn.model.file import load_model
from tests.customers import CASES

CASES_OF_TABLES = json.loads((CASES / "tables.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.slow


def run(capsys, *arguments):
    """The exit status of train.py's main and all its output, with an error worded as the script words it."""
    capsys.readouterr()
    try:
        train.main([*map(str, arguments), "--folds", "2", "--shapes", "none"])
    except ChurnError as error:
        return 2, f"train.py: {error}"
    except SystemExit as stop:
        return stop.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "case", CASES_OF_TABLES, ids=lambda case: " ".join([case["table"], *case.get("options", [])])
)
def test_a_table_gives_a_model_of_the_right_fields_or_one_line_with_the_remedy(tmp_path, capsys, case):
    output = tmp_path / "model.bin"
    table = CASES / "tables" / case["table"]
    status, printed = run(capsys, table, *case.get("options", []), "--output", output)
    assert status == case.get("status", 0), printed
    for words in case.get("says", []):
        assert words in printed
    if status:
        assert "\n" not in printed
        assert not output.exists()
        return
    card = load_model(output).card
    left_out = re.findall("left out (.*?): ", "; ".join(case.get("says", [])))
    assert list(card.table["left_out"]) == left_out
    assert [field.name for field in card.contract.fields] == case["fields"]
    if "numbers" in case:
        assert [field.name for field in card.contract.fields if isinstance(field, Number)] == case["numbers"]


def test_every_made_table_has_a_case():
    assert {case["table"] for case in CASES_OF_TABLES} == {path.name for path in (CASES / "tables").iterdir()}
