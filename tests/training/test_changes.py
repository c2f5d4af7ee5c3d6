"""The changes of a new contract, and whether it refuses customers that were accepted before."""

import pytest

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.groups import Group
from churn.model.marks import Marks
from churn.training.changes import contract_changes

NUMBER = Number("n", 0.0, 9.0, True)
MARKED = Number("n", 0.0, 9.0, True, marks=Marks("$", thousands=True))


def as_contract(field):
    """A contract with this field and another one that blanks can depend on."""
    return Contract((Flag("other"), *([field] if field else [])))


def takes(contract, *, n="", other=0):
    try:
        contract.read_customer({"n": n, "other": other})
    except CustomerError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (NUMBER, NUMBER, []),
        (None, NUMBER, ["n: new, and has to be sent (breaks clients)"]),
        (NUMBER, None, ["n: gone, and ignored when sent"]),
        (Category("n", ("a", "b")), Category("n", ("a",)), ["n: lost the category b (breaks clients)"]),
        (Category("n", ("a",)), Category("n", ("a", "b", "c")), ["n: new categories b, c"]),
        (Category("n", ("a",)), Category("n", ("", "a")), ["n: new category blank"]),
        (Category("n", ("", "a")), Category("n", ("a",)), ["n: lost the category blank (breaks clients)"]),
        (Category("n", ("", "a")), Category("n", ("a", "none")), ["n: new category none"]),
        (
            Category("n", ("a", "none")),
            Category("n", ("-", "a", "none")),
            ["n: a blank is refused now (breaks clients)", "n: new category -"],
        ),
        (Category("n", ("1.0", "a")), Category("n", ("1", "a")), ["n: new category 1"]),
        (Category("n", ("false", "true")), Category("n", ("", "false", "true")), ["n: new category blank"]),
        (
            Category("n", ("false", "true")),
            Category("n", ("false", "true", "unknown")),
            [
                "n: JSON's true and false are refused now, and have to be sent as texts (breaks clients)",
                "n: new category unknown",
            ],
        ),
        (Flag("n"), NUMBER, ["n: a number, was a flag; true and false are refused now (breaks clients)"]),
        (Category("n", ("false", "true")), Flag("n"), ["n: a flag, was a category"]),
        (Category("n", ("", "false", "true")), Flag("n"), ["n: a flag, was a category (breaks clients)"]),
        (Flag("n"), Category("n", ("false", "true")), ["n: a category, was a flag (breaks clients)"]),
        (NUMBER, Flag("n"), ["n: a flag, was a number (breaks clients)"]),
        (Category("n", ("a",)), NUMBER, ["n: a number, was a category (breaks clients)"]),
        (NUMBER, Number("n", 0.0, 12.5, True), ["n: 0 to 12.5 in training, was 0 to 9"]),
        (Number("n"), Number("n", -1.0, 2.0), ["n: -1 to 2 in training, was of unknown range"]),
        (Number("n", 0, 9), NUMBER, ["n: a negative is refused now (breaks clients)"]),
        (NUMBER, Number("n", 0, 9), ["n: a negative is accepted now"]),
        (NUMBER, MARKED, ["n: texts with the sign $ and thousands marks are accepted now"]),
        (MARKED, NUMBER, ["n: texts with the sign $ and thousands marks are refused now (breaks clients)"]),
        (
            MARKED,
            Number("n", 0.0, 9.0, True, marks=Marks("€", thousands=True)),
            [
                "n: texts with the sign $ are refused now (breaks clients)",
                "n: texts with the sign € are accepted now",
            ],
        ),
    ],
)
def test_every_difference_is_reported_with_whether_it_breaks_clients(old, new, words):
    assert [str(change) for change in contract_changes(as_contract(old), as_contract(new))] == words


BOOLEANS, WORDS = Category("n", ("false", "true")), Category("n", ("", "0", "1", "yes"))
FIELDS = {"flag": Flag("n"), "number": NUMBER, "booleans": BOOLEANS, "words": WORDS}
VALUES = [True, False, 0, 1, 2, 0.5, "true", "false", "0", "1", "yes", ""]


@pytest.mark.parametrize("new", FIELDS)
@pytest.mark.parametrize("old", FIELDS)
def test_another_kind_of_field_breaks_clients_exactly_where_a_value_accepted_before_is_refused(old, new):
    before, after = as_contract(FIELDS[old]), as_contract(FIELDS[new])
    breaks = any(takes(before, n=value) and not takes(after, n=value) for value in VALUES)
    assert any(change.breaks for change in contract_changes(before, after)) == breaks


ANYWHERE, HERE, THERE = Blank(0.0), Blank(0.0, Where("other", 0.0)), Blank(0.0, Where("other", 1.0))
APART = Blank(0.0, apart=True)


@pytest.mark.parametrize("new", [None, ANYWHERE, HERE, THERE, APART, Blank(5.0), Blank(5.0, Where("other", 0.0))])
@pytest.mark.parametrize("old", [None, ANYWHERE, HERE, THERE, APART])
def test_another_meaning_of_a_blank_breaks_clients_exactly_where_a_blank_accepted_before_is_refused(old, new):
    before, after = (as_contract(Number("n", 0.0, 9.0, True, blank)) for blank in (old, new))
    breaks = any(takes(before, other=other) and not takes(after, other=other) for other in (0, 1))
    changes = contract_changes(before, after)
    assert bool(changes) == (old != new)
    assert [change.breaks for change in changes] == ([breaks] if changes else [])


def test_changes_that_break_clients_come_first():
    old = Contract((Number("a", 0.0, 1.0), Category("b", ("x", "y"))))
    new = Contract((Number("a", 0.0, 2.0), Category("b", ("x",))))
    assert [change.field for change in contract_changes(old, new)] == ["b", "a"]


def limited(lowest=None, highest=None, *, non_negative=True):
    return Number("n", 0.0 if non_negative else -1.0, 9.0, non_negative, lowest=lowest, highest=highest)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (limited(), limited(0.0, 18.0), ["n: more than 18 is refused now (breaks clients)"]),
        (limited(0.0, 18.0), limited(), ["n: more than 18 is accepted now"]),
        (limited(0.0, 20.0), limited(0.0, 18.0), ["n: more than 18 is refused now (breaks clients)"]),
        (limited(0.0, 18.0), limited(0.0, 20.5), ["n: more than 18 is accepted now"]),
        (
            limited(-3.0, 18.0, non_negative=False),
            limited(-2.0, 19.0, non_negative=False),
            ["n: less than -2 is refused now (breaks clients)", "n: more than 18 is accepted now"],
        ),
        (
            limited(non_negative=False),
            limited(-2.0, 19.0, non_negative=False),
            ["n: less than -2 and more than 19 is refused now (breaks clients)"],
        ),
        (Number("n", 0.0, 9.0, True, missing=("na",)), NUMBER, ["n: na is not a blank any more"]),
        (
            Number("n", 0.0, 9.0, True, ANYWHERE, missing=("na",)),
            Number("n", 0.0, 9.0, True, ANYWHERE),
            ["n: na is not a blank any more (breaks clients)"],
        ),
        (NUMBER, Number("n", 0.0, 9.0, True, missing=("?", "na")), ["n: ?, na are a blank now"]),
        (NUMBER, Number("n", 0.0, 9.0, True, missing=("5",)), ["n: 5 is a blank now (breaks clients)"]),
        (
            NUMBER,
            Number("n", 0.0, 9.0, True, HERE, missing=("5",)),
            [
                "n: 5 is a blank now (breaks clients)",
                "n: a finite number, 0 or more; blank only where other is 0, a blank stands for 0; "
                "was a finite number, 0 or more",
            ],
        ),
        (
            Number("n", 0.0, 9.0, True, ANYWHERE),
            Number("n", 0.0, 9.0, True, APART),
            [
                "n: a finite number, 0 or more, or blank, a blank is weighed by itself; "
                "was a finite number, 0 or more, or blank, a blank stands for 0"
            ],
        ),
        (
            Number("n", 0.0, 9.0, True, ANYWHERE),
            Number("n", 0.0, 9.0, True, ANYWHERE, missing=("-5", "5")),
            ["n: -5, 5 are a blank now"],
        ),
        (
            Number("n", 0.0, 9.0, True, ANYWHERE, missing=("5",)),
            Number("n", 0.0, 9.0, True, ANYWHERE),
            ["n: 5 is not a blank any more"],
        ),
        (
            Category("n", ("a", "none")),
            Category("n", ("", "a"), missing=("none",)),
            ["n: none is a blank now", "n: new category blank"],
        ),
    ],
)
def test_narrower_limits_and_lost_words_for_a_blank_break_clients_and_wider_ones_do_not(old, new, words):
    assert [str(change) for change in contract_changes(as_contract(old), as_contract(new))] == words


def test_a_new_group_breaks_clients_unless_it_is_part_of_an_old_one_and_a_lost_one_does_not():
    fields = (Category("phone", ("no", "yes")), Category("lines", ("none", "one")), Flag("member"))
    pair = Group((Where("phone", "no"), Where("lines", "none")))
    three = Group((*pair.values, Where("member", 1.0)))

    def words(old, new):
        changes = contract_changes(Contract(fields, tuple(old)), Contract(fields, tuple(new)))
        return [str(change) for change in changes]

    assert words([], [pair]) == ["phone: no and lines none are accepted only together now (breaks clients)"]
    assert words([pair], []) == ["phone: no and lines none are now also accepted apart"]
    assert words([pair], [pair]) == []
    assert words([three], [pair]) == ["phone: no and lines none, member 1 are now also accepted apart"]
    assert words([pair], [three]) == [
        "phone: no and lines none, member 1 are accepted only together now (breaks clients)"
    ]


def test_of_a_lost_group_only_values_that_are_still_accepted_are_reported():
    group = Group((Where("a", 1.0), Where("b", "x"), Where("c", "k")))
    old = Contract((Flag("a"), Category("b", ("x", "y")), Category("c", ("k", "l"))), (group,))

    def words(*fields, groups=()):
        return [str(change) for change in contract_changes(old, Contract(fields, groups))]

    a, b, c = old.fields
    lost_x, lost_k = Category("b", ("y",)), Category("c", ("l",))
    no_x, no_k = "b: lost the category x (breaks clients)", "c: lost the category k (breaks clients)"
    assert words(a, lost_x, lost_k) == [no_x, no_k]
    assert words(a, lost_x, c) == [no_x, "a: 1 and c k are now also accepted apart"]
    assert words(a, lost_x, c, groups=(Group((Where("a", 1.0), Where("c", "k"))),)) == [no_x]
    assert words(b, lost_k) == [no_k, "a: gone, and ignored when sent"]
    assert words(a, b, c) == ["a: 1 and b x, c k are now also accepted apart"]
