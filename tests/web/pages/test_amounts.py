"""Numbers in the cells of a user's table, read as the service reads them, and figures as a person types them."""

import random

import pytest

from churn.model.marks import SYMBOLS, WORDS, Marks
from churn.tables.decimals import number_reader
from tests.amounts import draws
from tests.web.pages.test_static import call

pytestmark = pytest.mark.browser

MARKS = {"point": ".", "comma": ","}


def draw_cells(amount: int) -> list[tuple[str, str]]:
    """Cells that are numbers or nearly so, each with the sign that its column has, or ""."""
    chance = random.Random(11)
    parts = ["1", "23", "234", "0", "000", "5", ",", ".", ",", ".", " ", "'", "\u00a0", "-", "+", "e3", "x", "\u2212"]
    usual = ["1.234", "1,234", "12,345", "1.234,5", "1,234.5", "2,5", "1 234,5", "1.234.567", "17", "0.5", "1,00,000"]
    cells = []
    for _ in range(amount):
        text = (
            "".join(chance.choices(parts, k=chance.randrange(7))) if chance.random() < 0.5 else chance.choice(usual)
        )
        sign = chance.choice(["", "", *SYMBOLS, *WORDS])
        if sign:
            text = chance.choice([f"{sign}{text}", f"{text} {sign}", f"-{sign}{text}", f"{sign} {text}"])
        cells.append((text, sign))
    return cells


@draws(few=3_000, many=100_000)
@pytest.mark.parametrize("mark", MARKS)
def test_a_cell_is_read_with_the_decimal_mark_of_its_table_as_the_service_reads_it(modules, mark, amount):
    cells = draw_cells(amount)
    found = call(modules, "amounts.js", f"module.readAmount(value, {mark!r})", [text for text, _ in cells])
    numbers = 0
    for (text, sign), number in zip(cells, found, strict=True):
        expected = number_reader(MARKS[mark], Marks(sign, thousands=True))(text)
        assert number == (expected if isinstance(expected, float) else None), (text, sign, expected)
        numbers += number is not None
    assert amount / 4 < numbers < amount


def test_without_a_known_mark_a_cell_that_may_be_two_numbers_is_not_a_number(modules):
    cells = {"1.234": None, "12,345": None, "2,5": 2.5, "1.234,5": 1234.5, "1,234.5": 1234.5, "1.234.567": 1234567}
    cells |= {"1 234": 1234, "0.125": 0.125, "\u20ac 17": 17, "17 eur": 17, "1e3": 1000, "": None, "n/a": None}
    assert call(modules, "amounts.js", "module.readAmount(value, null)", [*cells]) == [*cells.values()]
    cells |= {"1.234": 1.234, "\u20ac 1.234": None}  # a workbook's number has a point
    assert call(modules, "amounts.js", "module.readAmount(value, 'each')", [*cells]) == [*cells.values()]


def test_a_figure_is_read_as_a_person_types_it_or_the_reason_why_not_is_given(modules):
    two, none = "This may be two numbers: type {} or {}.", "Not a number."
    money = {"2,5": 2.5, "2.50": 2.5, " 200 \u20ac": 200, "$1,234.50": 1234.5, "-3": -3, "1 000": 1000}
    money |= {"1.000": two.format(1000, 1), "1,234": two.format(1234, "1.2340"), "30 %": none, "ten": none}
    money |= {"1e12": "Too large: less than 1,000,000,000,000."}
    percents = {"30": 30, "30 %": 30, "2,5%": 2.5, "12.345": 12.345, "12,345": 12.345, "30 \u20ac": none}
    counts = {"200": 200, "1 000": 1000, "12,000": two.format(12000, 12), "$5": none}
    cases = {"readMoney": money, "readPercent": percents, "readCount": counts}
    for read, texts in cases.items():
        found = call(modules, "figure_field.js", f"module.{read}(value)", [*texts])
        assert [one.get("problem", one.get("number")) for one in found] == [*texts.values()], read
