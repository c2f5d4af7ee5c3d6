"""A number typed in the form: read as the service reads it in that field, with a note at the field."""

import random

import pytest
from selenium.webdriver.common.keys import Keys

from churn.model.fields import Number
from churn.model.marks import SYMBOLS, Marks, read_marked_number
from tests.amounts import draws

pytestmark = pytest.mark.browser

READ = """const [cases] = arguments;
    return import("/static/typed.js").then(({ readTyped, spellTyped }) => cases.map(([text, marks]) => {
        const read = readTyped(text, marks);
        return { ...read, again: "number" in read ? readTyped(spellTyped(read.number, marks), marks).number : null };
    }));"""


def js_marks(marks: Marks) -> dict[str, object]:
    return {
        "sign": marks.sign,
        "thousands": marks.thousands,
        "decimalComma": marks.decimal_comma,
        "threeDecimals": marks.three_decimals,
    }


def read(page, texts: list[tuple[str, Marks]]) -> list[dict]:
    return page.run(READ, [[text, js_marks(marks)] for text, marks in texts])


def draw_texts(amount: int) -> list[tuple[str, Marks]]:
    chance = random.Random(7)
    parts = ["1", "23", "234", "0", "000", "5", ",", ".", ",", ".", " ", "'", "\u00a0", "-", "+", "e3", "$", "\u2212"]
    texts = []
    for _ in range(amount):
        sign = chance.choice(["", "", *SYMBOLS])
        marks = Marks(sign, *(chance.random() < 0.5 for _ in range(3)))
        text = "".join(chance.choices(parts, k=chance.randrange(7)))
        if chance.random() < 0.5:
            text = chance.choice(["1.234", "1,234", "12,345", "1.234,5", "1,234.5", "2,5", "1 234,5", "1.234.567"])
        if sign and chance.random() < 0.4:
            text = chance.choice([f"{sign}{text}", f"{text} {sign}", f"-{sign}{text}"])
        texts.append((text, marks))
    return texts


@draws(few=4000, many=60_000)
def test_the_page_reads_a_number_as_the_service_does_and_else_only_if_it_can_be_read_in_one_way(modules, amount):
    texts = draw_texts(amount)
    seen = set()
    for (text, marks), found in zip(texts, read(modules, texts), strict=True):
        expected = read_marked_number(text, marks)
        both = {read_marked_number(text, Marks(marks.sign, True, comma, True)) for comma in (False, True)}
        if expected is not None:
            assert found["number"] == expected, (text, marks)
            assert found["again"] == expected, (text, marks)
            seen.add("as the service")
        elif "either" in found:
            assert len(both - {None}) == 2, (text, marks)
            seen.add("either")
        elif "number" in found:
            assert both - {None} == {found["number"]}, (text, marks)
            seen.add("one way")
    assert seen == {"as the service", "either", "one way"}


def test_the_last_mark_is_the_decimal_one_and_a_single_one_before_three_digits_may_be_either(modules):
    none, swiss = Marks(), Marks(thousands=True)
    german = Marks(thousands=True, decimal_comma=True)
    texts = [("2,5", none), ("1.234,5", none), ("1,234.5", none), ("1,234", none), ("1.234", none)]
    texts += [("1,234", swiss), ("1.234", swiss), ("1.234", german), ("1,234", german), ("five", none)]
    numbers = [found.get("number", found.get("either")) for found in read(modules, texts)]
    assert numbers == [2.5, 1234.5, 1234.5, [1.234, 1234], 1.234, 1234, [1.234, 1234], 1234, [1.234, 1234], None]


def note(page, name: str, kind: str = "note") -> str:
    return page.text(f"#{page.find(f'[name={name}]').get_attribute('id')}-{kind}")


def test_a_comma_is_read_and_shown_next_to_its_field_and_sent_as_it_was_read(page):
    page.expected = {"status of 422"}
    page.intercept("(window.asked ??= []).push(options.body); return ask(path, options);")
    page.fill("monthlycharges", "29,5")
    assert note(page, "monthlycharges") == "Read as 29.5."
    page.find("[name=monthlycharges]").send_keys(Keys.ENTER)
    page.wait(lambda: '"monthlycharges":29.5' in page.run("return window.asked?.at(-1) ?? ''"))
    page.wait_for_answer()
    comma = page.probability()
    page.fill("monthlycharges", "29.5")
    assert note(page, "monthlycharges") == ""
    page.find("[name=monthlycharges]").send_keys(Keys.ENTER)
    page.wait_for_answer()
    assert page.probability() == comma
    page.fill("totalcharges", "$1.234,5")
    assert note(page, "totalcharges") == "Read as 1234.5."
    page.fill("totalcharges", "1,234")
    assert note(page, "totalcharges") == "This may be two numbers: type 1234 or 1.2340."
    page.find("[name=totalcharges]").send_keys(Keys.ENTER)
    page.wait(lambda: page.find_all("[aria-invalid]"))
    assert '"totalcharges":"1,234"' in page.run("return window.asked.at(-1)")
    page.fill("totalcharges", "1234")
    page.wait(lambda: not page.find_all("[aria-invalid]"))


def test_a_number_out_of_range_is_marked_with_the_range_of_training_before_the_service_has_answered(page):
    page.expected = {"status of 422"}
    page.intercept(
        "await (window.gate ??= new Promise((open) => (window.release = open))); return ask(path, options);"
    )
    marked = []
    for number in ("72", "72,5", "144", "145", "-1", "1e9", " ", "five"):
        page.fill("tenure", number)
        is_marked = "unseen" in page.find("[name=tenure]").get_attribute("class")
        marked.append((note(page, "tenure"), is_marked))
        assert page.find("#verdict").get_attribute("aria-busy") == "true"
    assert marked == [
        ("", False),
        ("Read as 72.5. Training saw 0 to 72.", True),
        ("Training saw 0 to 72.", True),
        ("Training saw 0 to 72; 0 to 144 is taken.", True),
        ("Training saw 0 to 72; 0 to 144 is taken.", True),
        ("Read as 1000000000. Training saw 0 to 72; 0 to 144 is taken.", True),
        ("", False),
        ("", False),
    ]
    page.fill("tenure", "145")
    page.find("[name=tenure]").send_keys(Keys.ENTER)
    page.wait(lambda: page.run("return Boolean(window.release)"))
    page.run("window.release()")
    page.wait(lambda: page.find_all("[aria-invalid]"))
    assert note(page, "tenure", "problem").endswith("It takes 0 to 144; training saw 0 to 72.")
    assert note(page, "tenure") == ""  # the problem includes the range


def test_limits_are_exact_at_the_field():
    from churn.web.pages.form import _make_number

    control = _make_number(Number("share", 0.1, 5.25, lowest=-5.05, highest=10.4), "field-1", "Share", "1")
    assert (control.lowest, control.highest, control.taken) == ("-5.05", "10.4", "-5.05 to 10.4")
    assert (control.lowest_seen, control.highest_seen) == ("0.1", "5.25")
