"""Columns with other names: the values that --map accepts, and its mistakes."""

import pytest

from churn.tables.renaming import Renaming


def test_a_column_is_found_in_any_spelling_and_others_stay():
    renaming = Renaming.read(["Vertrag=Contract", " monatl. kosten = MonthlyCharges"])
    assert renaming.rename(["ID", " VERTRAG", "Monatl. Kosten"]) == ["ID", "contract", "monthlycharges"]
    assert renaming.find_missing(["ID", "vertrag", "monatl._kosten"]) is None


def test_the_last_sign_separates_since_no_field_has_it():
    assert Renaming.read(["a=b=Contract"]).names == {"a=b": "contract"}


@pytest.mark.parametrize(
    "texts", [["Contract"], ["=Contract"], ["Vertrag="], [" = "], ["a=x", "A=y"], ["a=x", "b=X"], ["a=x", "a=x"]]
)
def test_a_text_that_is_not_a_mapping_is_refused(texts):
    with pytest.raises(ValueError, match=r"must be COLUMN=FIELD|for the second time"):
        Renaming.read(texts)


def test_a_missing_column_is_named_with_those_that_are_there():
    missing = Renaming.read(["Vertrag=Contract"]).find_missing(["id", "Vertragsart"])
    assert missing == "has no column 'vertrag', which is mapped to 'contract'; its columns are 'id', 'Vertragsart'"
