"""A row of a list in the form, and values that go together there, however they got into the form."""

import pytest

from tests.customers import GOOD, RAW_CUSTOMERS

pytestmark = pytest.mark.browser

FILL = """const done = arguments[arguments.length - 1], [customer, options] = arguments;
    import("/static/customer.js").then(({ CustomerForm }) => {
        const form = (window.filled ??= new CustomerForm(document.getElementById("customer-form")));
        done(form.fill(customer, options));
    });"""


def fill(page, customer: dict[str, str], decimal_mark: str | None = None) -> list[str]:
    """Fill the form as the list does; the names of the fields whose text the form did not know."""
    return page.driver.execute_async_script(FILL, customer, {"decimalMark": decimal_mark})


def by_field(raw: dict[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in raw.items()}


def test_a_row_of_a_file_fills_the_form_in_clean_spelling_and_is_scored(page):
    raw = by_field(next(raw for raw in RAW_CUSTOMERS if raw["InternetService"] == "No"))
    assert fill(page, raw, "point") == []
    page.wait(lambda: page.text("#comparison").startswith("Started at") and not page.find_all("#changes li"))
    shown = page.customer()
    assert shown == {name: text.lower().replace(" ", "_") for name, text in raw.items()}
    slider = page.find(f"[data-for='{page.find('[name=tenure]').get_attribute('id')}']")
    assert slider.get_property("value") == raw["tenure"]


def test_a_cell_is_read_with_the_decimal_mark_of_its_file(page):
    page.expected = {"status of 422"}
    for cell, mark, shown in (
        ("1.234,5", "comma", "1234.5"),
        ("1.234", "comma", "1234"),
        ("1.234", "point", "1.234"),
        ("1,234", "point", "1234"),
        ("$ 45", "point", "45"),
        ("45,5", "none", "45.5"),
        ("45.5", "each", "45.5"),
        ("45,5", "each", "45,5"),
        (" ", "point", " "),
        ("1,234", None, "1,234"),
    ):
        fill(page, {"totalcharges": "99"}, mark)
        fill(page, {"totalcharges": cell}, mark)
        assert page.customer()["totalcharges"] == shown, (cell, mark)


def test_a_text_that_is_not_a_category_of_the_form_is_reported_and_the_control_keeps_its_value(page):
    before = page.customer()
    assert fill(page, {"contract": "Three year", "partner": "YES", "seniorcitizen": "true"}) == ["contract"]
    assert page.customer() == before | {"partner": "yes", "seniorcitizen": "1"}
    assert fill(page, {"contract": "One year", "seniorcitizen": "0.0"}) == []
    assert page.customer() == before | {"partner": "yes", "contract": "one_year", "seniorcitizen": "0"}
    assert set(GOOD) == set(before)


OPTIONS = """const [options, missing, texts] = arguments;
    return import("/static/options.js").then(({ findOption }) => texts.map((text) =>
        findOption({ options: options.map((value) => ({ value })), dataset: { missing } }, text)));"""


def test_a_text_selects_the_option_that_the_service_reads_it_as(modules):
    from churn.model.fields import Category

    texts = ["A", " a", "3", "3.0", "3.00", "", " ", "NA", "none", "-", "x", "-0.0", "0", "07"]
    for categories in [("a", "3"), ("", "a"), ("a", "none"), ("none", "-"), ("0", "3.0", "07"), ("a", "b")]:
        field = Category("plan", categories, missing=("na",))
        read = [field.read(text) for text in texts]
        expected = [value if isinstance(value, str) else None for value in read]
        assert modules.run(OPTIONS, categories, "na", texts) == expected, categories
