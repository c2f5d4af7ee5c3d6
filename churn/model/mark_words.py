"""The marks for which a text is refused as a number, in words.

Owns these words, which are the same in JSON, in every form of table and on the page. `marks` reads marked numbers.
"""

from msgspec.structs import replace

from churn.model.marks import (
    NO_MARKS,
    SPACES,
    MarkedNumber,
    Marks,
    find_marked_number,
    read_marked_number,
    replace_marks,
    split_sign,
)
from churn.model.spelling import MINUS

_WORDS = {",": "comma", ".": "point"}
_SWAPPED = {",": ".", ".": ","}


class MisreadText(str):
    """A text that is not a number in its table, spelled for the error. `without` has the marks it is refused for."""

    without: str

    def __new__(cls, text: str, without: str) -> "MisreadText":
        """The text, with these words."""
        misread = super().__new__(cls, text)
        misread.without = without
        return misread


def describe_other_marks(text: str, marks: Marks | None, *, decimal_mark: str = ".") -> str:
    """The marks to remove from a text to make it a number in a field with `marks`, in words; "" if that can't be.

    `decimal_mark` is the one of the text's table, "" if it is not known.

    >>> describe_other_marks("1,234 €", Marks("€")), describe_other_marks("five €", None)
    ('thousands marks', '')
    >>> describe_other_marks("1,5", None), describe_other_marks("(5)", None)
    ('a decimal comma', 'parentheses')
    >>> describe_other_marks("1,234 €", Marks("€", thousands=True, decimal_comma=True))
    'a comma that may be one of thousands'
    """
    if isinstance(text, MisreadText):
        return text.without
    if put_minus_in_front(text):
        return "parentheses" if ")" in text else "a minus after it"
    marks = marks or NO_MARKS
    with_point, with_comma = read_both_ways(text)
    may_be_either = not decimal_mark or (not marks.three_decimals and (marks.thousands or marks.decimal_comma))
    if with_point and with_comma and may_be_either and with_point.value != with_comma.value:
        sign = with_point.marks.sign
        if not decimal_mark or not _is_read(text, marks, sign):
            mark = _WORDS["." if "." in with_point.digits else ","]
            return _join(Marks(sign).without(marks).describe(), f"a {mark} that may be one of thousands")
    own = "," if marks.decimal_comma else decimal_mark
    number, other = (with_comma, with_point) if own == "," else (with_point, with_comma)
    found = number or other
    if found is None:
        return ""
    other_mark = "" if number or not own else f"a decimal {_WORDS[_SWAPPED[own]]}"
    return _join(found.marks.without(marks).describe(), other_mark)


def read_both_ways(text: str) -> tuple[MarkedNumber | None, MarkedNumber | None]:
    """The number that a text spells with a decimal point, and the one that it spells with a decimal comma.

    >>> [number and number.value for number in read_both_ways("1.234,50 €")]
    [None, 1234.5]
    """
    return find_marked_number(text), find_marked_number(replace_marks(text, _SWAPPED))


def put_minus_in_front(text: str) -> str:
    """A negative number in accounting notation, (5) or 5-, with its minus in front; "" for other texts.

    >>> put_minus_in_front("(5 €)"), put_minus_in_front("$(5)"), put_minus_in_front("5-"), put_minus_in_front("-5")
    ('-5 €', '-5', '-5', '')
    """
    for written in (text.strip(), split_sign(text)[1]):
        inner = written[1:-1] if written[:1] == "(" and written[-1:] == ")" else ""
        inner = (inner or (written[:-1] if written[-1:] in ("-", MINUS) else "")).strip(SPACES)
        if inner and not inner.startswith(("+", "-", MINUS)) and any(read_both_ways(inner)):
            return f"-{inner}"
    return ""


def _is_read(text: str, marks: Marks, sign: str) -> bool:
    """True for a text that is a number with these marks and this sign, whatever its table's decimal mark is."""
    return read_marked_number(text, replace(marks, sign=sign)) is not None


def _join(*words: str) -> str:
    return " and ".join(filter(None, words))
