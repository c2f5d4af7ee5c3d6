"""The rows of a list that could not be scored, grouped by problem, in plain words."""

import csv
import io
import random

import pytest

from churn.errors import CustomerError
from churn.model.file import load_model
from churn.tables.answer_cells import MAX_ROW_PROBLEMS
from tests.amounts import draws
from tests.customers import PROJECT, RAW_CUSTOMERS

pytestmark = pytest.mark.browser


def as_csv(customers: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(customers[0]))
    writer.writeheader()
    writer.writerows(customers)
    return text.getvalue().encode()


def test_bad_rows_are_grouped_by_field_and_problem_most_rows_first_with_their_own_cells_and_the_rest_in_the_file(
    page, tmp_path
):
    customers = [{"Kunde": f"K{row}", **raw} for row, raw in enumerate(RAW_CUSTOMERS[:400], start=1)]
    for row in range(50, 350):
        customers[row]["MonthlyCharges"] = f" {row} dollars"
    for row in (10, 60, 70):
        customers[row]["Contract"] = "<b>Three</b> years"
    customers[5]["tenure"] = " "
    (tmp_path / "list.csv").write_bytes(as_csv(customers))
    page.intercept("(window.asked ??= []).push(path); return ask(path, options);")
    page.upload(tmp_path / "list.csv")
    charges, contract, tenure = page.bad_groups()
    title, expected, heads, *rows = charges
    assert (title, heads) == (
        "300 rows: Monthly charges is not a number",
        ["Row", "Kunde", "MonthlyCharges"],
    )
    assert expected == "Expected: a finite number, 0 or more."
    assert rows == [[str(row + 2), f"K{row + 1}", f" {row} dollars"] for row in range(50, 60)]
    assert page.find_all("#bad-groups details")[0].get_attribute("open")
    assert page.find_all("#bad-groups .hint")[1].text == (
        "The first 10; 290 more rows are in the scored file, each with its problems."
    )
    assert contract[0] == "3 rows: Contract is not one of the known values"
    assert contract[1] == "Expected: Month-to-month, One year, Two year."
    assert [cells[:3] for cells in contract[3:]] == [
        [str(row + 2), f"K{row + 1}", "<b>Three</b> years"] for row in (10, 60, 70)
    ]
    assert tenure[0] == "1 row: Months with us is blank"
    assert tenure[3] == ["7", "K6", "(blank)"]
    assert page.text("#bad-hint") == (
        "302 rows, grouped by problem. A row with several problems is in several groups."
    )
    assert not any("dollars" in path for path in page.run("return window.asked"))
    summary = page.find_all("#bad-groups summary")[1]
    page.run("arguments[0].focus()", summary)
    summary.send_keys(" ")
    assert page.find_all("#bad-groups details")[1].get_attribute("open")


def test_two_fields_of_one_name_and_rows_with_too_few_cells_have_their_groups(page, tmp_path):
    lines = as_csv(RAW_CUSTOMERS[:9]).decode().splitlines()
    lines[3] = lines[3].rsplit(",", 2)[0]
    (tmp_path / "list.csv").write_text("\n".join(lines))
    page.upload(tmp_path / "list.csv")
    [[title, expected, heads, row]] = page.bad_groups()
    assert title == "1 row: wrong number of cells"
    assert expected == "Expected: 19 cells, as in the header."
    assert (heads, row) == (["Row"], ["4"])


READ = """const done = arguments[arguments.length - 1], [cells] = arguments;
    import("/static/customer.js").then(async ({ CustomerForm }) => {
        const { readErrorCell } = await import("/static/error_cell.js");
        const form = new CustomerForm(document.getElementById("customer-form"));
        done(cells.map((cell) => readErrorCell(cell, form)));
    });"""


def draw_problems(amount: int) -> list:
    """Problems of customers with wrong values, as the contract finds them."""
    chance = random.Random(21)
    contract = load_model(PROJECT / "model_C=1.0.bin").scorer.contract
    wrong = ["?", "", "-1", "500", "Two yeer", "no_internet_service", "No", "1,234", "$5", "fibre optic", "x): y; z"]
    found = []
    while len(found) < amount:
        raw = dict(chance.choice(RAW_CUSTOMERS))
        for name in chance.sample(list(raw), k=chance.randrange(1, 9)):
            raw[name] = chance.choice(wrong)
        try:
            contract.read_customer(raw)
        except CustomerError as error:
            found.append(error.problems)
    return found


@draws(few=300, many=3000)
def test_the_problems_of_an_error_cell_are_read_again_as_they_were(modules, amount):
    """csv_rows joins problems with semicolons, and some of the problems' words contain semicolons too."""
    drawn = draw_problems(amount)
    cells = []
    for problems in drawn:
        words = [str(problem) for problem in problems[:MAX_ROW_PROBLEMS]]
        more = len(problems) - MAX_ROW_PROBLEMS
        cells.append("; ".join([*words, *([f"and {more} more"] if more > 0 else [])]))
    for problems, found in zip(drawn, modules.driver.execute_async_script(READ, cells), strict=True):
        assert found["problem_count"] == len(problems)
        for problem, read in zip(problems, found["problems"], strict=False):
            assert (read["field"], read["problem"]) == (problem.field, problem.problem)
            if problem.partner:
                assert read["with"] == {"field": problem.partner.field, "value": problem.partner.value}
            if problem.did_you_mean:
                assert read["did_you_mean"] == problem.did_you_mean
            elif isinstance(problem.expected, str):
                assert read["expected"] == problem.expected
            else:
                assert read["expected"] == list(problem.expected)
    assert any(found["problem_count"] > 5 for found in modules.driver.execute_async_script(READ, cells))


def test_an_error_in_other_words_is_shown_as_one_problem_with_these_words(modules):
    [read] = modules.driver.execute_async_script(READ, ["call back; and soon"])
    assert read == {"problems": [{"field": None, "problem": "call back; and soon"}], "problem_count": 1}


def test_a_semicolon_within_the_expected_values_does_not_end_a_problem(modules):
    cell = "contract: unknown category (expected one (x); two: y, three); tenure: blank (expected a number)"
    [read] = modules.driver.execute_async_script(READ, [cell])
    assert read["problems"] == [
        {"field": "contract", "problem": "unknown category", "expected": "one (x); two: y, three"},
        {"field": "tenure", "problem": "blank", "expected": "a number"},
    ]
