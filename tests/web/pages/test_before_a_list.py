"""The page before a list is dropped and while it is scored: required columns, a sample, time left, cancel."""

import csv
import io

import msgspec
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from churn.model.fields import Category, Flag, Number
from churn.model.marks import Marks
from churn.web.pages.sample import ROWS, make_sample
from tests.customers import CSV, RAW_CUSTOMERS
from tests.web.pages.test_bad_rows import as_csv
from tests.web.pages.test_page import invent, serve

needs_browser = pytest.mark.browser


@needs_browser
def test_the_columns_that_a_list_needs_are_listed_with_the_values_that_they_accept(page):
    page.find("#needed summary").click()
    assert page.text("#needed summary") == "The 19 columns that a list needs"
    rows = {name: (label, takes) for name, label, takes in page.rows("#needed")}
    assert set(rows) == {name.lower() for name in RAW_CUSTOMERS[0]}
    assert rows["contract"] == ("Contract", "Month-to-month, One year, Two year")
    assert rows["tenure"] == ("Months with us", "A number: 0 to 72 seen, 0 to 144 accepted")
    assert rows["seniorcitizen"] == ("Senior citizen", "0 (no), 1 (yes)")


@needs_browser
def test_the_sample_dropped_again_is_scored_without_a_problem(page, tmp_path):
    page.find("#sample").click()
    path = tmp_path / "sample-customers.csv"
    page.wait(lambda: path.exists() and path.stat().st_size)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row["customer_id"] for row in rows] == [f"S-{number:02}" for number in range(1, 11)]
    assert {row["contract"] for row in rows} == {"Month-to-month", "One year", "Two year"}
    page.upload(path)
    assert page.text("#totals").splitlines()[1::3][::2] == ["10 rows", "0 rows"]
    assert not page.find("#bad").is_displayed()


def odd_fields() -> tuple:
    return (
        Category("plan", ("", "a__b", "x,y", 'say_"hi"', "\u00e9t\u00e9")),
        Number("price", 1000.5, 9000.25, marks=Marks("\u20ac", thousands=True, decimal_comma=True)),
        Number("share", 0.0001, 0.002),
        Number("debt", -3.5, -1.25),
        Number("free"),
        Flag("customer_id"),
    )


@pytest.mark.parametrize("has_card", [True, False])
def test_a_sample_of_odd_fields_is_accepted_by_the_service_and_has_its_own_id(shipped, has_card):
    golden = shipped.card.golden[0]
    values = {"plan": "a__b", "price": 1234.5678, "share": 0.00123, "debt": -2.0, "free": 1e7, "customer_id": 1.0}
    card = msgspec.structs.replace(shipped.card, golden=(msgspec.structs.replace(golden, customer=values),))
    model = invent(odd_fields(), card if has_card else None)
    sample = make_sample(model)
    assert sample["names"][0] == "own_customer_id"
    assert len(sample["rows"]) == ROWS
    assert len({tuple(row[1:]) for row in sample["rows"]}) == ROWS
    content = as_csv([dict(zip(sample["names"], row, strict=True)) for row in sample["rows"]])
    answer = serve(model).post("/predict?errors=report", data=content, content_type="text/csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["error"] for row in rows] == [""] * ROWS


TIME = """const [steps] = arguments;
    return import("/static/time_left.js").then(({ TimeLeft }) => {
        const left = new TimeLeft();
        left.begin(1000);
        return steps.map(([done, at]) => left.word(done, at));
    });"""


@needs_browser
def test_the_time_left_comes_from_the_rate_so_far_and_does_not_jump(modules):
    steps = [(0.1, 1900), (0, 3000), (0.01, 3000), (0.1, 11_000), (0.1, 12_000), (0.2, 21_000), (0.5, 41_000)]
    steps += [(0.75, 61_000), (0.95, 77_000), (1, 80_000)]
    assert modules.run(TIME, steps) == [
        "",  # in the first second
        "",  # nothing is done yet
        "about 3 minutes left",  # 2 s for 1 %
        "about 2 minutes left",  # 10 s for 10 %
        "about 2 minutes left",  # 11 s for 10 % would be 99 s: less than a quarter more than before
        "about 80 seconds left",
        "about 40 seconds left",
        "about 20 seconds left",
        "a few seconds left",
        "",
    ]
    assert modules.run(TIME, [(0.001, 16_000), (0.5, 7_201_000)]) == ["about 4 hours left", "about 2 hours left"]
    steady = modules.run(TIME, [(0.5, 25_000), (0.5, 29_000), (0.5, 32_000)])  # 24, 28 and 31 s
    assert steady == ["about 20 seconds left", "about 20 seconds left", "about 30 seconds left"]
    slower = modules.run(TIME, [(0.5, 21_000), (0.51, 22_000), (0.52, 41_000)])
    assert slower == ["about 20 seconds left", "about 20 seconds left", "about 40 seconds left"]


HOLD = """if (csv && ++calls === 2) await new Promise((_, refuse) => options.signal.addEventListener("abort", () =>
    refuse(options.signal.reason)));
    return ask(path, options);"""


@needs_browser
def test_cancel_and_escape_end_the_scoring_and_the_focus_returns_to_the_file(page, tmp_path):
    lines = CSV.read_bytes().splitlines(keepends=True)
    (tmp_path / "list.csv").write_bytes(b"".join([*lines[:1], *lines[1:7000]]))
    keys = lambda *pressed: ActionChains(page.driver).send_keys(*pressed).perform()  # noqa: E731

    def begin():
        page.intercept(HOLD)
        page.find("#file").send_keys(str(tmp_path / "list.csv"))
        page.wait(lambda: "done" in page.text("#progress-text"))

    def check_cancelled():
        page.wait(lambda: page.text("#list-problem") == "Cancelled. Nothing of the file is kept.")
        assert not page.find("#progress").is_displayed()
        assert page.run("return document.activeElement.id") == "file"

    begin()
    page.run("document.getElementById('file').focus()")
    keys(Keys.TAB)
    assert page.run("return document.activeElement.id") == "cancel"
    keys(Keys.ENTER)
    check_cancelled()
    begin()
    page.run("document.querySelector('[name=tenure]').focus()")
    keys(Keys.ESCAPE)  # Escape in the form above does not cancel
    assert page.find("#progress").is_displayed()
    page.run("document.getElementById('cancel').focus()")
    keys(Keys.ESCAPE)
    check_cancelled()


LAST_MOMENT = """const response = await ask(path, options);
    if (csv) {
        const answer = await response.json();
        response.json = async () => (document.getElementById("cancel").click(), answer);
    }
    return response;"""


@needs_browser
def test_a_cancel_at_the_last_moment_is_confirmed_too(page, tmp_path):
    (tmp_path / "list.csv").write_bytes(as_csv(RAW_CUSTOMERS[:5]))
    page.intercept(LAST_MOMENT)
    page.find("#file").send_keys(str(tmp_path / "list.csv"))
    page.wait(lambda: page.text("#list-problem") == "Cancelled. Nothing of the file is kept.")
    assert not page.find("#scored").is_displayed()


@needs_browser
def test_a_row_that_is_too_long_is_reported_in_one_sentence(page, tmp_path):
    (tmp_path / "list.csv").write_bytes(as_csv([{"Name": "A" * 100_000} | RAW_CUSTOMERS[0]]))
    page.expected = {"413 (REQUEST ENTITY TOO LARGE)"}
    page.upload(tmp_path / "list.csv")
    words = "a row is longer than 65,536 characters; is there an unclosed quote?"
    assert page.text("#list-problem") == f"The CSV, line 2: {words}"


@needs_browser
def test_escape_ends_the_question_for_columns_too(page, tmp_path):
    rows = [{"Vertrag" if name == "Contract" else name: raw[name] for name in raw} for raw in RAW_CUSTOMERS[:5]]
    (tmp_path / "list.csv").write_bytes(as_csv(rows))
    page.find("#file").send_keys(str(tmp_path / "list.csv"))
    page.wait(lambda: page.find("#choices").is_displayed())
    keys = lambda *pressed: ActionChains(page.driver).send_keys(*pressed).perform()  # noqa: E731
    keys(Keys.TAB, Keys.ESCAPE)  # the first Escape is for the select, which it would close
    assert page.find("#choices").is_displayed()
    keys(Keys.TAB, Keys.ESCAPE)
    page.wait(lambda: page.text("#list-problem") == "Cancelled. Nothing of the file is kept.")
    assert not page.find("#choices").is_displayed()
    assert page.run("return document.activeElement.id") == "file"
