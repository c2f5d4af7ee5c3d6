"""The marks in written numbers: a currency or percent sign, and thousands marks.

Owns the known signs and how a marked number is read: with a decimal point or, in a field that was trained with
decimal commas, with a comma. `tables/decimals` finds the decimal mark of a table.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from churn.model.spelling import LONGEST_NUMBER, MINUS, read_number

_SYMBOLS = "% $ € £ ¥ ₹ ₽ ₩ ₺ ₴ ₪ ₫ ₱ ₦ ฿ US$ A$ AU$ C$ CA$ NZ$ HK$ NT$ S$ R$"
_WORDS = (
    "kr zł Kč Ft lei Rs Fr EUR USD GBP JPY CNY INR AUD CAD CHF NZD SEK NOK DKK PLN CZK HUF RON BGN TRY BRL MXN ZAR "
    "KRW SGD HKD TWD THB IDR MYR PHP VND ILS AED SAR EGP NGN KES RUB UAH CLP COP"
)
SYMBOLS = tuple(_SYMBOLS.split())
"""The signs that are not words: percent, common currencies, and the dollars of some countries."""
WORDS = tuple(_WORDS.split())
"""Currencies in letters, in any case: local words, and ISO 4217 codes of the most used ones.

Other letters are not a sign: a category such as "A 10" would be read as an amount.
"""

_DOTTED = {"kr", "Rs", "Fr"}  # abbreviations that are written with a point, too
SPACES = " \u00a0\u2007\u2009\u202f"
"""The spaces between thousands, or between a number and its sign: also no-break, thin and figure spaces."""

_CANONICAL = {sign.lower(): sign for sign in (*SYMBOLS, *WORDS)}
_FIRST_LETTERS = {sign[0] for sign in _CANONICAL} | {"+", "-"}
_LAST_LETTERS = {sign[-1] for sign in _CANONICAL} | {"."}


def _any_of(signs: tuple[str, ...]) -> str:
    """A regular expression for the signs in lower case, longer ones first."""
    ordered = sorted(signs, key=len, reverse=True)
    return "|".join(re.escape(sign.lower()) + (r"\.?" if sign in _DOTTED else "") for sign in ordered)


_BEFORE = re.compile(
    rf"([+-]?)(?:({_any_of(SYMBOLS)})[{SPACES}]*|({_any_of(WORDS)})[{SPACES}]*(?=[+-]?[0-9]))(.+)",
    re.DOTALL,
)
_BEHIND = re.compile(rf"(.*[0-9.,])[{SPACES}]*({_any_of((*SYMBOLS, *WORDS))})", re.DOTALL)
_THOUSANDS = re.compile(
    rf"[+-]?(?:[1-9][0-9]{{0,2}}([,{SPACES}'\u2019])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?"  # 12,34,567 in India
)
_MARK = re.compile(r"(?<![A-Za-z])[.,]")  # the point of an abbreviation, as in "kr. 5", is not a mark
_SWAPPED = {",": ".", ".": ","}
_ONE_POINT = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")  # the point may be a thousands mark
_TO_REMOVE = str.maketrans("", "", f",'\u2019{SPACES}")


class Marks(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The marks that a field's numbers may be written with.

    `sign` is one of SYMBOLS or WORDS, before or after the number, "" for none. `thousands` is true if thousands marks
    are accepted: commas, spaces or apostrophes. `decimal_comma` is true if training read the numbers with a decimal
    comma: then a point is a thousands mark. `three_decimals` is true if training saw numbers such as 1.234 with a
    decimal mark, which in another field could be a thousands mark.
    """

    sign: str = ""
    thousands: bool = False
    decimal_comma: bool = False
    three_decimals: bool = False

    def __post_init__(self) -> None:
        if self.sign and _CANONICAL.get(self.sign.lower()) != self.sign:
            raise ValueError(f"{self.sign!r} is not a sign of a number")

    def describe(self) -> str:
        """The marks in words.

        >>> Marks("$", thousands=True).describe(), Marks("%").describe()
        ('the sign $ and thousands marks', 'the sign %')
        """
        words = [f"the sign {self.sign}"] if self.sign else []
        return " and ".join([*words, "thousands marks"] if self.thousands else words)

    def without(self, others: "Marks | None") -> "Marks":
        """The marks that `others` does not have."""
        others = others or NO_MARKS
        return Marks("" if self.sign == others.sign else self.sign, self.thousands and not others.thousands)


NO_MARKS = Marks()


class MarkedNumber(NamedTuple):
    """A number as a text spells it: its value, the marks in the text, and the digits without the sign."""

    value: float
    marks: Marks
    digits: str


def find_marked_number(text: str) -> MarkedNumber | None:
    """The number that a text spells in decimal digits, with a decimal point and any marks or none; else None.

    >>> value, marks, digits = find_marked_number("-$1,234.50")
    >>> value, marks == Marks("$", thousands=True), digits
    (-1234.5, True, '-1,234.50')
    >>> find_marked_number("1.234,50"), find_marked_number("$5 off"), find_marked_number("$5 $")
    (None, None, None)
    """
    sign, digits = split_sign(text)
    thousands = _THOUSANDS.fullmatch(digits) is not None
    value = read_number(digits.translate(_TO_REMOVE) if thousands else digits)
    return None if value is None else MarkedNumber(value, Marks(sign, thousands), digits)


def read_marked_number(text: str, marks: Marks | None, *, table_mark: str = "") -> float | None:
    """The number that a text spells with all, some or none of these marks; else None.

    A field that was trained with decimal commas also takes 29.85, which can be read in one way only. `table_mark` is
    the decimal mark of the text's table, "" if it is not known: then a text with two readings gives None, as 1.234
    does in a field with thousands marks, unless training saw such numbers in it.

    >>> read_marked_number("26 %", Marks("%")), read_marked_number("$26", Marks("%"))
    (26.0, None)
    >>> read_marked_number("€1.234", Marks("€", thousands=True, decimal_comma=True))
    1234.0
    """
    if marks is None:
        return read_number(text)
    if marks.decimal_comma:
        number = _find_with_comma(text, marks, table_mark)
    else:
        number = find_marked_number(text)
        is_sure = table_mark == "." or marks.three_decimals or not marks.thousands
        if number and not is_sure and has_three_decimals(number):
            return None
    return None if number is None or number.marks.without(marks) != NO_MARKS else number.value


def _find_with_comma(text: str, marks: Marks, table_mark: str) -> MarkedNumber | None:
    """The number that a text spells in a field trained with decimal commas; None if it has two readings."""
    with_point, with_comma = find_marked_number(text), find_marked_number(replace_marks(text, _SWAPPED))
    if with_point is None or with_comma is None or with_point.value == with_comma.value:
        return with_comma or with_point
    if with_comma.marks.thousands:  # 1.234
        return None if table_mark == "." else with_comma
    if table_mark:  # 1,234
        return with_comma if table_mark == "," else with_point
    return None if marks.thousands and not marks.three_decimals else with_comma


def has_three_decimals(number: MarkedNumber) -> bool:
    """True if the digits are like 1.234, which may also be a thousand and more."""
    return _ONE_POINT.fullmatch(number.digits) is not None


def replace_marks(text: str, new: Mapping[str, str]) -> str:
    """The text with its points and commas replaced, except the point of an abbreviation.

    >>> replace_marks("kr. 1.234,50", {",": ".", ".": ","})
    'kr. 1,234.50'
    """
    return _MARK.sub(lambda found: new[found[0]], text)


def split_sign(text: str) -> tuple[str, str]:
    """The sign of a text, as SYMBOLS or WORDS spell it ("" without one), and the trimmed text without it.

    >>> split_sign("-$5"), split_sign("5 eur"), split_sign("Rs.500"), split_sign("EUR")
    (('$', '-5'), ('EUR', '5'), ('Rs', '500'), ('', 'EUR'))
    """
    text = text.strip().replace(MINUS, "-")
    if not text or len(text) > LONGEST_NUMBER:
        return "", text
    folded = text.lower()
    if folded[0] in _FIRST_LETTERS and (before := _BEFORE.fullmatch(folded)):
        minus, symbol, word, rest = before.groups()
        sign = symbol or word
        digits = minus + rest if rest[0] not in "+-" or not minus else text
    elif folded[-1] in _LAST_LETTERS and (behind := _BEHIND.fullmatch(folded)):
        digits, sign = behind.groups()
    else:
        return "", text
    return _CANONICAL[sign.removesuffix(".")], digits
