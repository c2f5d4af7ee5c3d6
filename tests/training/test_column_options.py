"""The options on columns: names in any spelling, with commas, quotes and more than once."""

import pytest

from churn.training.choices import Choices
from churn.training.command import parse_command
from tests.customers import CSV


def choices(*arguments):
    return parse_command([str(CSV), *arguments], default_csv=CSV, positive_class=None).choices


def test_names_are_accepted_in_any_spelling_with_commas_and_more_than_once():
    assert choices() == Choices()
    given = choices(
        "--drop", "Customer ID, CITY", "--drop", "zip", "--keep", "Zip", "--category", "a", "--number", "b"
    )
    assert given.drop == {"customer_id", "city", "zip"}
    assert (given.keep, given.category, given.number) == ({"zip"}, {"a"}, {"b"})


def test_a_name_or_word_with_a_comma_is_in_quotes():
    assert choices("--drop", '"a, b",c').drop == {"a,_b", "c"}
    assert choices("--missing", '"1,5",Not known').missing == ("1,5", "not_known")


@pytest.mark.parametrize("arguments", [["--missing=-99,-1"], ["--missing", "-99", "--missing", "-1"]])
def test_negative_numbers_are_words_for_missing(arguments):
    assert choices(*arguments).missing == ("-99", "-1")


@pytest.mark.parametrize("option", ["missing", "drop", "category", "number", "keep"])
@pytest.mark.parametrize("names", ["", " ", "a,,b", "a,"])
def test_an_option_without_a_name_is_refused(option, names, capsys):
    with pytest.raises(SystemExit) as stop:
        choices(f"--{option}", names)
    assert stop.value.code == 2
    assert f"--{option} must name something between its commas" in capsys.readouterr().err


def test_a_word_for_one_column_is_given_with_its_name():
    assert choices("--missing", "Income = 5,unknown", "--missing=Customer Age=-1").missing == (
        "income=5",
        "unknown",
        "customer_age=-1",
    )


@pytest.mark.parametrize("verb", ["convert", "buy again", "re-order", "don't pay", "kündigen", "nu să plătească"])
def test_verbs_of_any_language_are_events(verb):
    command = parse_command([str(CSV), "--event", verb], default_csv=CSV, positive_class=None)
    assert command.training.event == verb
