"""The expected gain of a campaign, in a real Chromium: figures, whom to call, the curve, the facts, the call list."""

import base64
import csv
import io
import math
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import openpyxl
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from churn.model.gain import Campaign, Terms, expect_gain
from churn.server.served_model import ServedModel
from churn.tables.customer_values import ColumnMarks
from tests.apps import make_client
from tests.browser import PHONE, Browser
from tests.customers import PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean

pytestmark = pytest.mark.browser

ROWS = 120
NAMES = ["Ada", "Bj\u00f6rn", "=1+1", "Zo\u00eb"]
LIST = [
    {"customerID": f"{row + 100:05d}", "Name": f"{NAMES[row % 4]} {row}", "spend": f"{row % 7 * 10 + 5}"} | raw
    for row, raw in enumerate(RAW_CUSTOMERS[:ROWS])
]
RISKS = [
    float(p)
    for p in sklearn_probabilities(PROJECT / "model_C=1.0.bin", [spell_clean(raw) for raw in RAW_CUSTOMERS[:ROWS]])
]
TERMS = Terms(offer=10, contact=1, accept=0.3)
FIGURES = {"value": "200", "offer": "10", "contact": "1", "accept": "30"}
MONTHLY = [float(raw["MonthlyCharges"]) for raw in RAW_CUSTOMERS[:ROWS]]


def write(path: Path, customers: list[dict[str, str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(customers[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(customers)
    return path


def fill(browser: Browser, **texts: str) -> None:
    """Type into the campaign's fields; each is named by the part of its id after `campaign-`."""
    for name, text in texts.items():
        control = browser.find(f"#campaign-{name.replace('_', '-')}")
        control.send_keys(Keys.CONTROL, "a", Keys.NULL, text or Keys.DELETE)


@pytest.fixture
def listed(page: Browser, tmp_path: Path) -> Browser:
    """The page with the list and the figures of a campaign."""
    page.upload(write(tmp_path / "list.csv", LIST))
    fill(page, **FIGURES)
    return page


def spell(amount: float) -> str:
    """An amount as the page writes it."""
    size = abs(amount)
    return ("\u2212" if amount < 0 else "") + (f"{size:,.0f}" if size >= 999.5 else f"{size:.2f}".removesuffix(".00"))


def facts(browser: Browser) -> dict[str, tuple[str, str]]:
    """Each fact's figure and its meaning."""
    script = """return [...document.querySelectorAll("#campaign-facts > div")].map((fact) =>
        ["dt", "strong", "span"].map((part) => fact.querySelector(part).innerText.replaceAll("\\u00a0", " ")))"""
    return {label: (figure, meaning) for label, figure, meaning in browser.run(script)}


def announced(browser: Browser) -> str:
    """The last message on the campaign for a screen reader."""
    script = "return document.getElementById('campaign-status').textContent.replaceAll('\\u00a0', ' ')"
    return browser.run(script)


def called(browser: Browser) -> list[int]:
    """The rows of the list, from 0, that the call list shows."""
    return [int(cells[2]) - 2 for cells in browser.rows("#calls-table")]


def by_gain(values: list[float], rows=range(ROWS)) -> list[int]:
    """Rows by expected gain, the best first."""
    return sorted(rows, key=lambda row: -TERMS.find_gain(RISKS[row], values[row]))


def paying(values: list[float], rows=range(ROWS)) -> list[int]:
    return [row for row in by_gain(values, rows) if TERMS.find_gain(RISKS[row], values[row]) > 0]


def expect(rows: list[int], values: list[float]):
    """The expected gain of calling some rows, by the service's arithmetic."""
    return expect_gain(
        [TERMS.find_gain(RISKS[row], values[row]) for row in rows],
        [TERMS.find_variance(RISKS[row], values[row]) for row in rows],
    )


def assert_outcome(browser: Browser, rows: list[int], values: list[float], *, matching=range(ROWS)) -> None:
    """Check that the facts and the first ten of the call list are those of these rows, in this order."""
    shown, expected = facts(browser), expect(rows, values)
    assert shown["Calls"] == (f"{len(rows)} customers", f"of {len(matching)} customers")
    assert shown["They cost at most"] == (spell(len(rows) * 11), f"{len(rows)} calls, each 1 + 10")
    low, high = expected.band
    assert shown["Expected gain"][0] == spell(expected.gain)
    assert shown["Expected gain"][1].startswith(
        f"{spell(low)} to {spell(high)} in 95 % of cases, where outcomes are indep"
    )
    assert shown["Expected gain"][1].endswith("If the model is wrong, this band does not show it.")
    leavers = sum(RISKS[row] for row in rows)
    assert shown["Expected to leave"][0] == f"{leavers:.1f}"
    assert called(browser) == rows[:10]


def test_the_form_has_the_figures_of_the_models_card(served, shipped):
    campaign = Campaign(value=240.5, offer=10, contact=1, accept=0.3)
    counts = msgspec.structs.replace(shipped.card.counts, campaign=campaign)
    served.current = replace(shipped, card=msgspec.structs.replace(shipped.card, counts=counts))
    html = make_client(served).get("/").text
    found = {name: re.search(rf'id="campaign-{name}"[^>]* value="([^"]*)"', html)[1] for name in FIGURES}
    assert found == {"value": "240.5", "offer": "10", "contact": "1", "accept": "30"}
    other = make_client(ServedModel(shipped.path)).get("/").text
    assert all(f'id="campaign-{name}" type="text" inputmode="decimal" value=""' in other for name in FIGURES)


def test_the_customers_for_whom_a_call_pays_are_called_the_best_gain_first(listed):
    values = [200.0] * ROWS
    rows = paying(values)
    assert 30 < len(rows) < ROWS
    assert_outcome(listed, rows, values)
    even = Campaign(value=200, offer=10, contact=1, accept=0.3).threshold
    assert (
        listed.text("#campaign-advice").replace("\u00a0", " ") == f"A call pays above a risk of {even * 100:.1f} %."
    )
    assert rows == sorted((row for row in range(ROWS) if RISKS[row] > even), key=lambda row: -RISKS[row])
    assert listed.text("#calls-hint") == f"The first 10 of {len(rows)} customers, the highest expected gain first."
    first = listed.rows("#calls-table")[0]
    gain = TERMS.find_gain(RISKS[rows[0]], 200)
    own = [LIST[rows[0]]["customerID"], LIST[rows[0]]["Name"]]
    assert first[:5] == [*own, str(rows[0] + 2), f"{RISKS[rows[0]] * 100:.1f}\u00a0%", f"{gain:.2f}"]
    assert "instead of" in first[5]
    assert "Ranked by gain, not by risk" not in facts(listed)
    head = next(cell for cell in listed.find_all("#customers-table th") if cell.text.startswith("Expected gain"))
    head.find_element("css selector", "button").click()
    assert [int(cells[0]) - 2 for cells in listed.rows("#customers-table")][:10] == rows[:10]


def test_changes_are_announced_once_typing_has_stopped(listed):
    listed.wait(lambda: "calls, expected gain" in announced(listed))
    script = """const status = document.getElementById("campaign-status"); window.seen = [];
        new MutationObserver(() => window.seen.push(status.textContent)).observe(status, { childList: true });"""
    listed.run(script)
    fill(listed, value="150")
    listed.wait(lambda: listed.run("return window.seen.length"))
    expected = expect(paying([150.0] * ROWS), [150.0] * ROWS)
    low, high = expected.band
    words = f"{expected.contacts} calls, expected gain {spell(expected.gain)}, {spell(low)} to {spell(high)}"
    assert announced(listed) == f"{words} in 95 % of cases."
    assert len(listed.run("return window.seen")) == 1


def test_a_wrong_figure_has_its_problem_at_its_field_and_no_result_is_shown(listed):
    problems = {
        ("value", "0"): "Must be above 0.",
        ("value", "ten"): "Not a number.",
        ("offer", "-1"): "Must be 0 or more.",
        ("contact", "1.000"): "This may be two numbers: type 1000 or 1.",
        ("accept", "101"): "Must be above 0 % and at most 100 %.",
        ("accept", "0"): "Must be above 0 % and at most 100 %.",
    }
    for (name, text), problem in problems.items():
        fill(listed, **{name: text})
        control = listed.find(f"#campaign-{name}")
        assert listed.text(f"#{control.get_attribute('aria-describedby').split()[0]}").endswith(problem), (name, text)
        assert control.get_attribute("aria-invalid") == "true"
        assert not listed.find("#campaign-outcome").is_displayed()
        assert not listed.find("#campaign-choice").is_displayed()
        if text == "ten":
            listed.wait(lambda: announced(listed) == "Amount: Not a number.")
        fill(listed, **{name: FIGURES[name]})
        assert control.get_attribute("aria-invalid") is None
        assert listed.find("#campaign-outcome").is_displayed()
    fill(listed, offer="")
    assert listed.text("#campaign-advice") == "To be filled in: Cost of the offer."
    assert not listed.find_all("#campaign [aria-invalid]")
    fill(listed, offer="2,5")
    assert facts(listed)["They cost at most"][1].endswith("each 1 + 2.50")
    fill(listed, offer="150")
    words = "No contact ever pays: a customer who is certain to leave brings 15 on average, and a contact costs 20."
    fill(listed, contact="20")
    assert listed.text("#campaign-never") == words
    assert not listed.find("#campaign-outcome").is_displayed()
    assert "Expected gain" not in listed.text("#customers-table thead")


def test_a_customer_is_worth_months_of_a_column_and_one_without_a_number_is_never_called(page, tmp_path):
    customers = [dict(customer) for customer in LIST]
    for row in (3, 5):
        customers[row]["spend"] = ["", "unknown"][row % 2]
    page.upload(write(tmp_path / "list.csv", customers))
    fill(page, **FIGURES)
    Select(page.find("#campaign-value-by")).select_by_value("column")
    assert Select(page.find("#campaign-column")).first_selected_option.text == "Monthly charges"
    fill(page, months="6")
    values = [6 * amount for amount in MONTHLY]
    assert_outcome(page, paying(values), values)
    assert "Customer" not in page.text("#campaign-column")
    Select(page.find("#campaign-column")).select_by_visible_text("spend")
    assert page.text("#campaign-value-note") == "2 customers have no number in spend: they are never called."
    values = [math.nan if row in (3, 5) else 6 * float(LIST[row]["spend"]) for row in range(ROWS)]
    known = [row for row in range(ROWS) if row not in (3, 5)]
    fill(page, calls="8")
    rows = paying(values, known)[:8]
    assert_outcome(page, rows, values)
    by_risk = sorted(known, key=lambda row: -RISKS[row])[:8]
    gain, other = expect(rows, values).gain, expect(by_risk, values).gain
    assert gain > other > 0
    figure, meaning = facts(page)["Ranked by gain, not by risk"]
    assert figure == f"{spell(gain - other)} more (+{(gain - other) / other * 100:.1f} %)"
    assert meaning == f"than the 8 customers of the highest risk, which bring {spell(other)}"


def test_amounts_with_another_sign_than_the_columns_first_are_not_values(page, tmp_path):
    cells = ["5", "-\u20ac2", "EUR 900", "1.25 \u20ac", "n/a", "$700", "\u20ac 40.5", "7 kr.", "\u20ac1,250.50", "60"]
    customers = [{"worth": cells[row % len(cells)]} | customer for row, customer in enumerate(LIST)]
    page.upload(write(tmp_path / "list.csv", customers))
    fill(page, **FIGURES)
    Select(page.find("#campaign-value-by")).select_by_value("column")
    Select(page.find("#campaign-column")).select_by_visible_text("worth")
    fill(page, months="2")
    column = ColumnMarks.learn(cells, table_mark=".").make_reader(table_mark=".")
    values = [2 * n if isinstance(n := column(cells[row % len(cells)]), float) else math.nan for row in range(ROWS)]
    known = [row for row in range(ROWS) if not math.isnan(values[row])]
    assert len(known) == ROWS * 6 // 10
    assert_outcome(page, paying(values, known), values)
    assert (
        page.text("#campaign-value-note")
        == f"{ROWS * 4 // 10} customers have no number in worth: they are never called."
    )


def curve_words(browser: Browser) -> str:
    return browser.text("#gains-words").replace("\u00a0", " ").replace("\n", " ")


def test_the_slider_calls_all_customers_from_a_risk_on_with_the_keyboard_alone(listed):
    values = [200.0] * ROWS
    ordered = sorted(range(ROWS), key=lambda row: -RISKS[row])
    profits = [expect(ordered[: end + 1], values).gain for end in range(ROWS)]
    best = profits.index(max(profits))
    words = curve_words(listed)
    shown = re.match(
        r"The best threshold, ([0-9.]+) %: ([0-9,.]+)\. The service\u2019s own threshold, 50 %: ([0-9,.]+)\.$", words
    )
    assert RISKS[ordered[best + 1]] < float(shown[1]) / 100 <= RISKS[ordered[best]]
    assert shown[2] == spell(profits[best])
    assert shown[3] == spell(expect([row for row in range(ROWS) if RISKS[row] >= 0.5], values).gain)
    assert facts(listed)["Best threshold"] == (f"{shown[1]} %", f"calling everybody from it on earns {shown[2]}")

    paying_radio = listed.find("[name='campaign-way'][value='paying']")
    assert paying_radio.is_selected()
    listed.run("arguments[0].focus()", listed.find("#campaign-use-best"))
    listed.driver.switch_to.active_element.send_keys(Keys.TAB)
    slider = listed.find("#campaign-slider")
    assert listed.driver.switch_to.active_element == slider
    slider.send_keys(Keys.ARROW_LEFT)
    assert listed.find("#campaign-from").is_selected()
    assert listed.find("#campaign-risk").get_property("value") == "49.9"
    rows = [row for row in by_gain(values) if RISKS[row] >= 0.499]
    assert_outcome(listed, rows, values)
    slider.send_keys(Keys.HOME)
    assert_outcome(listed, by_gain(values), values)
    assert f"The chosen threshold, 0 %: {spell(profits[-1])}." in curve_words(listed)

    fill(listed, risk="62,5")
    assert float(slider.get_property("value")) == 62.5
    assert_outcome(listed, [row for row in by_gain(values) if RISKS[row] >= 0.625], values)
    fill(listed, risk="120")
    assert listed.text("#campaign-risk-problem").endswith("Must be from 0 to 100 %.")
    assert not listed.find("#campaign-outcome").is_displayed()
    listed.find("#campaign-use-best").send_keys(Keys.ENTER)
    assert listed.find("#campaign-risk").get_property("value") == shown[1]
    assert facts(listed)["Expected gain"][0] == shown[2]
    listed.find("#gains-table").find_element("xpath", "..").find_element("tag name", "summary").click()
    table = {head.replace("\u00a0", " "): rest for head, *rest in listed.rows("#gains-table")}
    assert table["0 %"] == [f"{ROWS} calls", spell(profits[-1])]
    assert table[f"{shown[1]} % (the best)"] == [f"{best + 1} calls", shown[2]]
    assert table["50 % (the service\u2019s own)"][1] == shown[3]


def test_the_limit_is_a_number_of_calls_or_a_budget_which_gives_one(listed):
    values = [200.0] * ROWS
    fill(listed, calls="7")
    assert listed.find("#campaign-by-calls").is_selected()
    assert_outcome(listed, paying(values)[:7], values)
    for text in ("0", "2,5", "many"):
        fill(listed, calls=text)
        assert listed.find("#campaign-calls").get_attribute("aria-invalid") == "true"
        assert not listed.find("#gains-curve").is_displayed()
        assert not listed.find("#campaign-outcome").is_displayed()
    fill(listed, budget="115")
    assert listed.find("#campaign-calls").get_attribute("aria-invalid") is None
    assert_outcome(listed, paying(values)[:10], values)
    assert listed.text("#campaign-budget-note") == "Pays for 10 calls: each costs at most 1 + 10."
    fill(listed, budget="10,90")
    assert facts(listed)["Calls"] == ("0 customers", "The budget pays for no call.")
    fill(listed, budget="115", risk="10")
    assert_outcome(listed, [row for row in by_gain(values) if RISKS[row] >= 0.1][:10], values)
    fill(listed, offer="0", contact="0")
    assert listed.text("#campaign-budget-note") == "A call costs nothing: that is no limit."
    assert facts(listed)["Calls"][0] == f"{sum(risk >= 0.1 for risk in RISKS)} customers"


def test_the_campaign_covers_the_customers_that_search_and_filters_leave_of_the_list(listed):
    values = [200.0] * ROWS
    listed.find("#search").send_keys("Zo\u00eb")
    rows = [row for row in range(ROWS) if row % 4 == 3]
    listed.wait(lambda: facts(listed)["Calls"][1] == f"of {len(rows)} customers")
    assert_outcome(listed, paying(values, rows), values, matching=rows)
    listed.find("#search").send_keys("nobody is called so")
    listed.wait(lambda: facts(listed)["Calls"][0] == "0 customers")
    assert facts(listed)["Calls"][1] == "A call pays for none of these customers."
    assert not listed.find("#calls").is_displayed()


def get_file(browser: Browser, button: str, path: Path) -> bytes:
    browser.find(f"#{button}").click()
    browser.wait(lambda: path.exists() and path.stat().st_size)
    return path.read_bytes()


@pytest.mark.parametrize(("delimiter", "mark"), [(",", "."), (";", ",")])
def test_the_call_list_is_a_csv_in_the_form_of_the_file(page, tmp_path, delimiter, mark):
    numbers = ("MonthlyCharges", "TotalCharges")
    customers = [
        {name: text.replace(".", mark) if name in numbers else text for name, text in row.items()} for row in LIST
    ]
    page.upload(write(tmp_path / "list.csv", customers, delimiter))
    fill(page, **FIGURES, calls="9")
    file = get_file(page, "calls-csv", tmp_path / "list-calls.csv")
    content = file.decode("utf-8-sig")
    assert file.startswith(b"\xef\xbb\xbf") != content.isascii()
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    assert rows[0] == ["customerID", "Name", "Row", "Risk", "Expected gain", "Reason 1", "Reason 2", "Reason 3"]
    expected = paying([200.0] * ROWS)[:9]
    assert [row[:3] for row in rows[1:]] == [
        [LIST[row]["customerID"], LIST[row]["Name"], str(row + 2)] for row in expected
    ]
    for row, cells in zip(expected, rows[1:], strict=True):
        assert [cell.count(mark) for cell in cells[3:5]] == [1, 1]
        risk, gain = (float(cell.replace(mark, ".")) for cell in cells[3:5])
        assert risk == pytest.approx(RISKS[row], abs=1e-9)
        assert gain == pytest.approx(TERMS.find_gain(RISKS[row], 200), abs=1e-6)
        assert all("instead of" in reason or "either way" in reason for reason in cells[5:])


def test_the_call_list_of_a_file_scored_earlier_has_the_files_form_and_its_reasons(page, tmp_path):
    numbers = ("MonthlyCharges", "TotalCharges")
    customers = [
        {name: text.replace(".", ",") if name in numbers else text for name, text in row.items()} for row in LIST[:40]
    ]
    answered = page.score(write(tmp_path / "list.csv", customers, ";")).decode()
    page.upload(tmp_path / "list-scored.csv")
    page.wait(lambda: page.find("#read-back").is_displayed())
    fill(page, **FIGURES, calls="5")
    content = get_file(page, "calls-csv", tmp_path / "list-calls.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    expected = paying([200.0] * ROWS, range(40))[:5]
    assert [row[2] for row in rows[1:]] == [str(row + 2) for row in expected]
    scored = list(csv.DictReader(io.StringIO(answered, newline=""), delimiter=";"))
    for row, cells in zip(expected, rows[1:], strict=True):
        assert cells[3] == scored[row]["churn_probability"]
        assert cells[5:] == [scored[row][f"reason_{number}"] for number in (1, 2, 3)]


def test_the_call_list_is_a_workbook_with_numbers_as_numbers_and_texts_as_texts(listed, tmp_path):
    fill(listed, calls="30")
    content = get_file(listed, "calls-workbook", tmp_path / "list-calls.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    head, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert head == ["customerID", "Name", "Row", "Risk", "Expected gain", "Reason 1", "Reason 2", "Reason 3"]
    expected = paying([200.0] * ROWS)[:30]
    assert [row[:3] for row in rows] == [[LIST[row]["customerID"], LIST[row]["Name"], row + 2] for row in expected]
    assert any(row[1].startswith("=1+1") for row in rows)
    assert [row[3] for row in rows] == pytest.approx([RISKS[row] for row in expected], abs=1e-9)
    assert [row[4] for row in rows] == pytest.approx([TERMS.find_gain(RISKS[row], 200) for row in expected], abs=1e-6)
    first = sheet[2]
    assert [cell.data_type for cell in first][:5] == ["s", "s", "n", "n", "n"]
    assert [cell.number_format for cell in first][3:5] == ["0.00%", "#,##0.00"]
    assert sheet.freeze_panes == "A2"


_CALL_LIST = """
    const [given] = arguments;
    const names = ["customers", "list_view", "call_list"];
    return Promise.all(names.map((name) => import(`/static/${name}.js`))).then(async (loaded) => {
        const { Customers, ListView, CallList } = Object.assign({}, ...loaded);
        const { names, records } = given;
        const customers = new Customers({ names, sent: names, fieldNames: new Set(), replaced: [0, 0] });
        const reasons = [{ words: given.reason, contribution: 1 }];
        const members = records.map(() => ({ churn_probability: 0.5, churn: true, reasons }));
        customers.add({ records: records, rows: records.map((_, row) => row + 2) }, members);
        Object.assign(customers, { delimiter: given.delimiter, decimalMark: given.mark });
        const { signal } = new AbortController();
        const list = new CallList(new ListView(customers), { form: null, name: "list", signal });
        list.show(Uint32Array.from(records.keys()), Float64Array.from(records, () => -1.5));
        const book = new Blob((await list.writeWorkbook()).parts);
        const bytes = new Uint8Array(await book.arrayBuffer());
        return [(await list.writeCsv()).parts.join(""), btoa(String.fromCharCode(...bytes))];
    });
"""


def test_no_spreadsheet_runs_a_reason_as_a_formula_and_a_number_of_the_file_is_a_number_in_the_workbook(modules):
    records = [["42", "=A1", "1,5"], ["0043", "Ada", "2,25"], ["44", "Bea", "n/a"]]
    given = {
        "names": ["id", "name", "spend"],
        "records": records,
        "delimiter": ";",
        "mark": "comma",
        "reason": "=HYPERLINK()",
    }
    text, book = modules.run(_CALL_LIST, given)
    lines = [line.split(";") for line in text.splitlines()]
    assert lines[0] == ["id", "name", "Row", "Risk", "Expected gain", "Reason 1"]
    assert lines[1] == ["42", "=A1", "2", "0,5", "-1,5", "'=HYPERLINK()"]  # the user's own cells stay as they are
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(book))).active
    rows = [list(row) for row in sheet.iter_rows(min_row=2)]
    assert [[cell.value for cell in row] for row in rows][:2] == [
        [42, "=A1", 2, 0.5, -1.5, "=HYPERLINK()"],
        ["0043", "Ada", 3, 0.5, -1.5, "=HYPERLINK()"],
    ]
    assert (rows[0][5].data_type, rows[0][5].quotePrefix) == ("s", True)


def test_the_campaign_fits_a_phone_and_can_be_read_in_light_and_dark(listed):
    Select(listed.find("#campaign-value-by")).select_by_value("column")
    fill(listed, risk="20")
    listed.resize(PHONE)
    assert not listed.wider_than_the_window()
    for dark in (False, True):
        listed.set_dark(dark)
        assert [found for found in listed.contrasts() if found[1] < found[2]] == []


_CHANGE_WHILE_WRITTEN = """
    const names = ["customers", "list_view", "call_list"];
    return Promise.all(names.map((name) => import(`/static/${name}.js`))).then(async (loaded) => {
        const { Customers, ListView, CallList } = Object.assign({}, ...loaded);
        const records = Array.from({ length: 12_000 }, (_, row) => [String(row)]);
        const customers = new Customers({ names: ["id"], sent: ["id"], fieldNames: new Set(), replaced: [0, 0] });
        const members = records.map(() => ({ churn_probability: 0.5, churn: true, reasons: [] }));
        customers.add({ records, rows: records.map((_, row) => row + 2) }, members);
        const { signal } = new AbortController();
        const list = new CallList(new ListView(customers), { form: null, name: "list", signal });
        const [called, gains] = [Uint32Array.from(records.keys()), Float64Array.from(records, () => 1.5)];
        const written = [];
        for (const kind of ["writeCsv", "writeWorkbook"]) {
            list.show(called, gains);
            const writing = list[kind]();
            list.show(called.subarray(0, 1), gains.map(() => 2));
            written.push(btoa(Array.from(new Uint8Array(await new Blob((await writing).parts).arrayBuffer()),
                (byte) => String.fromCharCode(byte)).join("")));
        }
        return written;
    });
"""


def test_a_call_list_is_written_as_it_was_requested_though_the_list_changes_meanwhile(page):
    text, book = map(base64.b64decode, page.run(_CHANGE_WHILE_WRITTEN))
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(book), read_only=True).active
    _, *cells = sheet.iter_rows(values_only=True)
    assert [(row["id"], float(row["Expected gain"])) for row in rows] == [(str(row), 1.5) for row in range(12_000)]
    assert [(int(id), gain) for id, _, _, gain in cells] == [(row, 1.5) for row in range(12_000)]
