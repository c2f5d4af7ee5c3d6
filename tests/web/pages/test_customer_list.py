"""The list of scored customers in a real Chromium: sorting, search, filters, and opening and leaving a row."""

import csv
import itertools
import math
import random
import re
from pathlib import Path

import pytest
import requests
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression

from churn.model.spelling import clean
from churn.web.pages.labels import label_field
from tests.amounts import draws
from tests.browser import REPLACE, Browser
from tests.customers import PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean
from tests.page_lists import draw_list, run

pytestmark = pytest.mark.browser

ROWS = 160
RISKS = [
    float(p)
    for p in sklearn_probabilities(PROJECT / "model_C=1.0.bin", [spell_clean(raw) for raw in RAW_CUSTOMERS[:ROWS]])
]
LIST = [
    {
        "customerID": f"K-{row % 7}{row:03d}",
        "Name": f"Zo\u00eb {chr(65 + row % 26)}.",
        "city": ["Bonn", "Ulm"][row % 2],
    }
    | raw
    for row, raw in enumerate(RAW_CUSTOMERS[:ROWS])
]
BY_RISK = sorted(range(ROWS), key=lambda row: -RISKS[row])


def write(path: Path, customers: list[dict], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(customers[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(customers)
    return path


@pytest.fixture
def listed(page: Browser, tmp_path: Path) -> Browser:
    """The page with the list."""
    page.upload(write(tmp_path / "list.csv", LIST))
    return page


def shown(browser: Browser) -> list[int]:
    """The numbers of the customers on the current page of the table."""
    return [int(cells[0]) - 2 for cells in browser.rows("#customers-table")]


def choose(browser: Browser, id: str, text: str) -> None:
    Select(browser.find(f"#{id}")).select_by_visible_text(text)


def head(browser: Browser, words: str):
    cells = "[...document.querySelectorAll('#customers-table th')]"
    return browser.run(f"return {cells}.find((cell) => cell.innerText.startsWith(arguments[0]))", words)


def chips(browser: Browser) -> list[str]:
    return browser.run(
        """return [...document.querySelectorAll("#chips button")]
        .map((chip) => chip.childNodes[1].data.replaceAll("\\u00a0", " "))"""
    )


def wait_for_row(browser: Browser) -> None:
    browser.wait(lambda: browser.find("#row").is_displayed())
    browser.wait_for_answer()


def test_own_columns_come_first_and_every_column_sorts(listed):
    heads = [cell.text.rstrip("\u2195\u2193\ufe0e ") for cell in listed.find_all("#customers-table th")]
    assert heads == ["Row", "customerID", "Name", "Risk", "Strongest reasons"]
    assert (shown(listed), listed.text("#page-place")) == (BY_RISK[:25], "1 to 25 of 160")
    assert head(listed, "Risk").get_attribute("aria-sort") == "descending"
    orders = {
        "Risk": BY_RISK[::-1],
        "Row": list(range(ROWS)),
        "customerID": sorted(range(ROWS), key=lambda row: int(LIST[row]["customerID"][2:])),
        "Name": sorted(range(ROWS), key=lambda row: LIST[row]["Name"]),
    }
    for words, order in orders.items():
        button = head(listed, words).find_element("tag name", "button")
        button.click()
        assert shown(listed) == order[:25], words
        assert listed.driver.switch_to.active_element == button
        assert [cell.get_attribute("aria-sort") for cell in listed.find_all("#customers-table th[aria-sort]")] == [
            "ascending"
        ]
    head(listed, "Name").find_element("tag name", "button").click()
    assert LIST[shown(listed)[0]]["Name"] == "Zo\u00eb Z."
    head(listed, "Strongest").find_element("tag name", "button").click()
    strongest = [cells[-1].split("\n")[0].rpartition(" (")[0] for cells in listed.rows("#customers-table")]
    assert strongest[0].startswith("Charged so far")
    assert strongest == sorted(strongest)


def test_any_other_column_sorts_and_is_shown_while_it_sorts_or_if_it_is_chosen(listed):
    choose(listed, "sort-by", "Charged so far")
    charged = sorted(range(ROWS), key=lambda row: -float(LIST[row]["TotalCharges"] or -1))
    assert shown(listed) == charged[:25]
    assert head(listed, "Charged so far").get_attribute("aria-sort") == "descending"
    assert listed.text("#sort-direction") == "Highest first"
    listed.find("#sort-direction").click()
    assert shown(listed) == sorted(range(ROWS), key=lambda row: float(LIST[row]["TotalCharges"] or 1e9))[:25]
    choose(listed, "sort-by", "Risk")
    assert "Charged so far" not in listed.text("#customers-table thead")
    listed.find(".chooser summary").click()
    boxes = {label.text: label for label in listed.find_all("#columns-shown label")}
    assert len(boxes) == len(LIST[0])
    boxes["city"].click()
    boxes["Name"].click()
    boxes["Contract"].click()
    assert listed.rows("#customers-table")[0][1:4] == [
        LIST[BY_RISK[0]][name] for name in ("customerID", "city", "Contract")
    ]


def test_a_search_covers_the_own_columns_and_reports_how_many_it_found(listed):
    listed.find("#search").send_keys("zoe k-3 B.")
    found = [row for row in BY_RISK if row % 7 == 3 and row % 26 == 1]
    listed.wait(lambda: shown(listed) == found)
    assert listed.text("#found") == f"{len(found)} of 160 customers found."
    listed.find("#search").send_keys("no")
    listed.wait(lambda: listed.find("#none-found").is_displayed())
    assert listed.text("#found") == "0 of 160 customers found."
    assert not listed.find("#pages").is_displayed()


def test_filters_are_chips_that_remove_them(listed):
    choose(listed, "filter-by", "Contract")
    two_year = [row for row in BY_RISK if LIST[row]["Contract"] == "Two year"]
    one_year = [row for row in BY_RISK if LIST[row]["Contract"] == "One year"]
    boxes = {label.text.split("\n")[0]: label for label in listed.find_all("#filter-choices label")}
    assert boxes["Two year"].text.endswith(str(len(two_year)))
    boxes["Two year"].click()
    assert shown(listed) == two_year[:25]
    boxes["One year"].click()
    either = [row for row in BY_RISK if row in {*one_year, *two_year}]
    assert shown(listed) == either[:25]
    choose(listed, "filter-by", "Months with us")
    low, high = listed.find_all("#filter-choices input")
    low.send_keys("10")
    high.send_keys("6x")
    listed.wait(lambda: "Not a number" in listed.text("#filter-problem"))
    assert high.get_attribute("aria-invalid") == "true"
    high.send_keys(Keys.BACKSPACE, "0")
    kept = [row for row in either if 10 <= int(LIST[row]["tenure"]) <= 60]
    listed.wait(lambda: shown(listed) == kept[:25])
    choose(listed, "filter-by", "Risk")
    low, high = listed.find_all("#filter-choices input")
    low.send_keys("2,5 %")
    listed.wait(lambda: len(chips(listed)) == 3)
    assert chips(listed) == ["Risk: 2.5 % or more", "Contract: One year, Two year", "Months with us: 10 to 60"]
    assert shown(listed) == [row for row in kept if RISKS[row] >= 0.025][:25]
    high.send_keys(Keys.ENTER)
    assert not listed.find("#filter-editor").is_displayed()
    assert listed.driver.switch_to.active_element == listed.find("#filter-by")
    for left in (["Contract: One year, Two year", "Months with us: 10 to 60"], ["Months with us: 10 to 60"], []):
        listed.find("#chips button").send_keys(Keys.ENTER)
        assert chips(listed) == left
        assert listed.run("return document.activeElement.matches('#chips button, #filter-by')")
    assert listed.text("#found") == "160 customers."


def test_only_the_top_customers_are_kept_however_they_are_sorted(listed):
    listed.find("#first").send_keys("7")
    listed.wait(lambda: shown(listed) == BY_RISK[:7])
    head(listed, "Name").find_element("tag name", "button").click()
    assert shown(listed) == sorted(sorted(BY_RISK[:7]), key=lambda row: LIST[row]["Name"])
    assert (listed.text("#found"), chips(listed)) == (
        "7 shown, 160 customers found.",
        ["The 7 customers with the highest risk"],
    )
    listed.find("#first").send_keys(".5")
    listed.wait(lambda: "a whole number" in listed.text("#first-problem"))
    listed.find("#chips button").click()
    assert (shown(listed)[0], chips(listed)) == (0, [])


GAINS = """
    const { CustomerForm } = await import("/static/customer.js");
    const { showCustomers } = await import("/static/customer_list.js");
    const view = new module.ListView(make(module, given[0]));
    showCustomers(view, { form: new CustomerForm(document.getElementById("customer-form")) });
    const before = document.querySelector("#customers-table thead").innerText;
    view.change({ gains: Float64Array.of(-5, 1234.5, 40, 20) });
    return before;
"""


def test_the_expected_gain_once_it_is_known_is_a_column_that_sorts_and_ranks_the_top(page):
    given = {"names": ["id"], "records": [["a"], ["b"], ["c"], ["d"]], "probabilities": [0.9, 0.8, 0.7, 0.1]}
    assert "gain" not in run(page, GAINS, given)
    assert [cells[3] for cells in page.rows("#customers-table")] == ["\u22125.00", "1,234.50", "40.00", "20.00"]
    head(page, "Expected gain").find_element("tag name", "button").click()
    assert [cells[1] for cells in page.rows("#customers-table")] == ["b", "c", "d", "a"]
    page.find("#first").send_keys("3")
    choose(page, "first-by", "highest expected gain")
    page.wait(lambda: chips(page) == ["The 3 customers with the highest expected gain"])
    assert [cells[1] for cells in page.rows("#customers-table")] == ["b", "c", "d"]


def test_the_keyboard_moves_through_the_pages(listed):
    def press(id: str) -> None:
        listed.find(f"#{id}").send_keys(Keys.ENTER)
        assert listed.run("return document.activeElement.id") == id

    for id, first, last in (
        ("next", 26, 50),
        ("last", 151, 160),
        ("next", 151, 160),
        ("previous", 126, 150),
        ("first", 1, 25),
    ):
        press(f"page-{id}")
        assert listed.text("#page-place") == f"{first} to {last} of 160"
        assert shown(listed) == BY_RISK[first - 1 : last]
    press("page-last")
    choose(listed, "page-size", "50")
    assert listed.text("#page-place") == "151 to 160 of 160"
    listed.find("#page-previous").click()
    choose(listed, "page-size", "100")
    assert listed.text("#page-place") == "101 to 160 of 160"
    listed.find("#sort-direction").click()
    assert listed.text("#page-place") == "1 to 100 of 160"
    assert listed.find("#page-first").get_attribute("aria-disabled") == "true"


def test_another_figure_of_the_campaign_does_not_change_the_page_of_the_list(listed):
    listed.find("#page-next").click()
    for name, text in {"value": "200", "offer": "10", "contact": "1", "accept": "30"}.items():
        listed.find(f"#campaign-{name}").send_keys(text)
    assert "Expected gain" in listed.text("#customers-table thead")
    assert listed.text("#page-place") == "26 to 50 of 160"
    assert shown(listed) == BY_RISK[25:50]
    head(listed, "Expected gain").find_element("tag name", "button").click()
    assert listed.text("#page-place") == "1 to 25 of 160"
    listed.find("#page-next").click()
    listed.find("#campaign-value").send_keys("0")
    assert listed.text("#page-place") == "1 to 25 of 160"


def test_a_bar_of_the_histogram_filters_by_its_range_and_a_table_lists_them_all(listed):
    parts = [[row for row in BY_RISK if bar <= RISKS[row] * 20 < bar + 1] for bar in range(20)]
    bars = listed.find_all("#histogram-bars button")
    assert [bar.get_attribute("aria-label") for bar in bars][4] == f"20 to 25\u00a0%: {len(parts[4])} customers"
    listed.find("#customers details summary").click()
    assert [int(figure) for _, figure in listed.rows("#histogram-table")] == [len(part) for part in parts]
    heights = listed.run(
        "return [...document.querySelectorAll('#histogram-bars .bar')].map((bar) => +bar.getAttribute('height'))"
    )
    longest = max(map(len, parts))
    assert heights == pytest.approx([100 * len(part) / longest if part else 0 for part in parts], abs=1)
    assert listed.text("#histogram-words").startswith(
        f"{sum(risk >= 0.5 for risk in RISKS)} of 160 customers are at 50 % or more"
    )
    bars[4].click()
    assert (shown(listed), chips(listed)) == (parts[4][:25], ["Risk: 20 % to 25 %"])
    assert (bars[4].get_attribute("aria-pressed"), bars[5].get_attribute("class")) == ("true", "pale")
    bars[4].send_keys(Keys.ARROW_RIGHT, Keys.ENTER)
    assert (shown(listed), chips(listed)) == (parts[5][:25], ["Risk: 25 % to 30 %"])
    listed.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert chips(listed) == []


def test_segments_begin_with_the_column_whose_groups_differ_most_in_risk(listed):
    """By the adjusted R\u00b2 of scikit-learn's regression of the risks on each column's values."""
    select = Select(listed.find("#segment-by"))
    explained = {}
    for title in [option.text for option in select.options]:
        (name,) = [name for name in LIST[0] if title in (name, label_field(clean(name)))]
        values = DictVectorizer(sparse=False).fit_transform([{"value": str(customer[name])} for customer in LIST])
        r2 = LinearRegression().fit(values, RISKS).score(values, RISKS)
        explained[title] = 1 - (1 - r2) * (ROWS - 1) / (ROWS - values.shape[1])
    assert {"city", "Gender", "Contract", "Internet"} <= set(explained)
    assert select.first_selected_option.text == max(explained, key=explained.get) != next(iter(explained))


def test_segments_sum_up_a_column_and_filter_by_its_values(listed):
    choose(listed, "segment-by", "Contract")
    groups: dict[str, list[float]] = {}
    for row in range(ROWS):
        groups.setdefault(LIST[row]["Contract"], []).append(RISKS[row])
    expected = [
        [name, str(len(risks)), f"{100 * sum(risks) / len(risks):.1f}\u00a0%", f"{sum(risks):.1f}"]
        for name, risks in sorted(groups.items(), key=lambda group: -sum(group[1]))
    ]
    assert listed.rows("#segments-table") == expected
    by_name = listed.find("#segments-table th button")
    by_name.click()
    assert listed.rows("#segments-table") == sorted(expected)
    assert listed.find("#segments-table th").get_attribute("aria-sort") == "ascending"
    listed.find("#segments-table tbody tr:nth-child(2) button").send_keys(Keys.ENTER)
    assert chips(listed) == ["Contract: One year"]
    assert shown(listed) == [row for row in BY_RISK if LIST[row]["Contract"] == "One year"][:25]
    assert listed.run("return document.activeElement.textContent") == "One year"
    assert listed.driver.switch_to.active_element.get_attribute("aria-pressed") == "true"
    assert listed.rows("#segments-table") == sorted(expected)  # the others stay, to compare with or to choose
    listed.driver.switch_to.active_element.click()
    assert chips(listed) == []


def test_a_row_opens_in_the_form_with_all_its_reasons_and_going_back_returns_to_the_same_place(listed, service):
    choose(listed, "filter-by", "Contract")
    listed.find("#filter-choices label:nth-child(1)").click()
    listed.find("#filter-done").click()
    head(listed, "Name").find_element("tag name", "button").click()
    listed.find("#page-next").click()
    address, before = listed.driver.current_url, shown(listed)
    opener = listed.find_all("#customers-table tbody button")[17]
    listed.run("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", opener)
    top = listed.run("return scrollY")
    row = before[17]
    assert opener.get_attribute("aria-label") == f"Open row {row + 2}, {LIST[row]['customerID']}, {LIST[row]['Name']}"
    opener.send_keys(Keys.ENTER)
    wait_for_row(listed)
    assert listed.text("#row-title") == f"Row {row + 2}, {LIST[row]['customerID']}, {LIST[row]['Name']}"
    assert listed.run("return document.activeElement.id") == "row-title"
    assert listed.probability() == pytest.approx(RISKS[row], abs=1e-9)
    assert not listed.find("#row-problem").is_displayed()
    assert not listed.find("#list").is_displayed()
    answer = requests.post(f"{service.url}/predict?explain=true", json=RAW_CUSTOMERS[row], timeout=5).json()
    assert len(listed.rows("#reasons")) == len(answer["reasons"])
    assert listed.text("#comparison").startswith(f"Started at {100 * RISKS[row]:.1f} %.")
    filled = listed.customer()
    assert filled["contract"] == clean(LIST[row]["Contract"])
    listed.fill("contract", "two_year")
    listed.wait(lambda: "now" in listed.text("#comparison"))
    listed.find("[type='reset']").click()
    listed.wait_for_answer()
    assert (listed.customer(), listed.probability()) == (filled, pytest.approx(RISKS[row], abs=1e-9))
    for back in (listed.find("#back-to-list").click, listed.driver.back):
        back()
        listed.wait(lambda: listed.find("#customers-table").is_displayed())
        assert shown(listed) == before
        assert (listed.run("return scrollY"), listed.driver.switch_to.active_element) == (top, opener)
        assert chips(listed) == ["Contract: Month-to-month"]
        assert not listed.find("#row").is_displayed()
        listed.driver.forward()
        wait_for_row(listed)
        assert listed.customer() == filled
    assert (listed.driver.current_url, listed.run("return history.state")) == (address, {"kind": "row"})


def test_start_list_and_row_are_states_of_one_page_and_a_new_file_takes_the_lists_place(listed, tmp_path):
    example = listed.customer()
    listed.find("#customers-table tbody button").click()
    wait_for_row(listed)
    listed.find("nav a[href='#model']").click()
    listed.wait(lambda: listed.driver.current_url.endswith("#model"))
    listed.find("nav a[href='#list']").click()  # skips the entry of the other link
    listed.wait(lambda: listed.find("#scored").is_displayed())
    listed.driver.back()
    listed.wait(lambda: not listed.find("#scored").is_displayed())
    listed.wait_for_answer()
    assert listed.customer() == example
    listed.driver.forward()
    listed.wait(lambda: listed.find("#scored").is_displayed())
    assert shown(listed) == BY_RISK[:25]
    listed.find("#search").send_keys("K-3")
    entries = listed.run("return history.length")
    listed.upload(write(tmp_path / "other.csv", LIST[:3]))
    assert sorted(shown(listed)) == [0, 1, 2]
    assert listed.find("#search").get_property("value") == ""
    assert listed.run("return history.length") == entries
    listed.driver.back()
    listed.wait(lambda: not listed.find("#scored").is_displayed())
    assert listed.run("return history.state") == {"kind": "start"}


def test_the_earlier_content_of_the_form_is_back_after_a_row_was_open(listed):
    listed.fill("contract", "two_year")
    listed.fill("tenure", "7")
    listed.wait_for_answer()
    before = listed.customer()
    for button in listed.find_all("#customers-table tbody button")[:2]:
        button.click()
        wait_for_row(listed)
        assert listed.customer() != before
        assert listed.run("return document.activeElement.id") == "row-title"
        listed.find("#back-to-list").click()
        listed.wait(lambda: listed.find("#customers-table").is_displayed())
        listed.wait_for_answer()
        assert listed.customer() == before
    listed.find("[type='reset']").click()
    listed.wait(lambda: listed.customer()["contract"] == "month-to-month")


def test_a_link_that_is_opened_in_a_row_says_where_starting_over_leads(listed):
    listed.find("#customers-table tbody button").click()
    wait_for_row(listed)
    row = listed.customer()
    listed.run("location.hash = 'what-if?contract=two_year'")
    listed.wait(lambda: listed.text("#link-read").endswith("leads back to the row of the list."))
    listed.find("[type='reset']").click()
    listed.wait(lambda: listed.customer() == row)


def test_a_row_of_a_file_that_lacks_a_field_has_the_forms_start_there_and_the_page_says_so(page, tmp_path):
    other = {"Contract": "Vertrag", "Partner": "Has partner"}
    customers = [{other.get(name, name): raw[name] for name in raw} for raw in LIST[:9]]
    page.score(write(tmp_path / "list.csv", customers), missing=2)
    page.upload(tmp_path / "list-scored.csv")
    page.fill("contract", "two_year")
    row = next(row for row in range(9) if LIST[row]["Contract"] != "Month-to-month")
    page.find(f"[aria-label^='Open row {row + 2},']").click()
    wait_for_row(page)
    page.wait(lambda: page.find("#row-problem").is_displayed())
    assert (
        "the file has nothing that the form knows for \u2018Contract\u2019, \u2018Has a partner\u2019"
        in page.text("#row-problem")
    )
    assert page.customer()["contract"] == "month-to-month"


def test_the_page_shows_only_the_beginning_of_a_long_cell(page, tmp_path):
    customers = [LIST[0] | {"Name": "A" * 30_000, "city": "B" * 30_000}, *LIST[1:4]]
    page.upload(write(tmp_path / "list.csv", customers))
    page.find("#search").send_keys("aaaa")
    page.wait(lambda: len(page.rows("#customers-table")) == 1)
    assert page.rows("#customers-table")[0][2] == "A" * 200 + "\u2026"
    assert "B" * 200 + "\u2026" in page.text("#segments-table").split()
    page.find("#customers-table tbody button").click()
    wait_for_row(page)
    assert page.text("#row-title") == f"Row 2, {LIST[0]['customerID']}, {'A' * 60}\u2026"


ASKS = """
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
"""


def test_leaving_asks_first_while_a_list_is_unsaved_and_a_reload_starts_clean(page, tmp_path):
    assert page.run(ASKS) is False
    page.upload(write(tmp_path / "list.csv", LIST[:5]))
    assert page.run(ASKS) is True
    page.find("#customers-table tbody button").click()
    wait_for_row(page)
    assert page.run(ASKS) is True
    page.find("#back-to-list").click()
    page.wait(lambda: page.find("#scored").is_displayed())
    page.find("#download").click()
    assert page.run(ASKS) is False
    page.driver.refresh()
    page.wait_for_answer()
    assert not page.find("#scored").is_displayed()
    assert not page.find("#row").is_displayed()
    page.driver.back()
    page.driver.forward()
    assert not page.find("#scored").is_displayed()
    assert page.run("return [localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize(("delimiter", "mark"), [(",", "."), (";", ",")])
def test_every_cell_of_a_row_is_read_into_the_form_as_the_service_read_it(page, tmp_path, delimiter, mark):
    raw = RAW_CUSTOMERS[488]  # has a blank TotalCharges
    assert raw["TotalCharges"].strip() == ""
    customers = [
        raw | {"Contract": " two YEAR "},
        raw | {"tenure": "1.0", "SeniorCitizen": "true", "MonthlyCharges": "20.125", "TotalCharges": "20.1"},
    ]
    customers = [{name: cell.replace(".", mark) for name, cell in customer.items()} for customer in customers]
    page.upload(
        write(
            tmp_path / "list.csv",
            [*customers, RAW_CUSTOMERS[0] | {"MonthlyCharges": f"29{mark}85", "TotalCharges": f"29{mark}85"}],
            delimiter,
        )
    )
    for row, values in (
        (2, {"contract": "two_year", "totalcharges": ""}),
        (3, {"tenure": "1", "seniorcitizen": "1", "totalcharges": "20.1"}),
    ):
        page.find(f"[aria-label='Open row {row}']").click()
        wait_for_row(page)
        assert values.items() <= {name: text.strip() for name, text in page.customer().items()}.items()
        assert page.text("#row-title") == f"Row {row}"
        assert not page.find("#row-problem").is_displayed()
        page.find("#back-to-list").click()
        page.wait(lambda: page.find("#scored").is_displayed())


def test_a_row_that_the_service_now_scores_otherwise_is_marked(listed):
    listed.intercept(
        """const response = await ask(path, options);
        const answer = await response.json();
        const { headers } = response;
        return new Response(JSON.stringify({ ...answer, churn_probability: 0.123 }), { headers });"""
    )
    listed.find("#customers-table tbody button").click()
    wait_for_row(listed)
    listed.wait(lambda: listed.find("#row-problem").is_displayed())
    words = f"The list has {100 * RISKS[BY_RISK[0]]:.1f} % for this row, but the service now says 12.3 %"
    assert words in listed.text("#row-problem")


@draws(few=200, many=5_000)
def test_a_reason_has_the_risk_without_it(modules, amount):
    chance = random.Random(4)
    cases = [[0.26, 0.5], [0.5, 0.0], [1e-9, 2.0], [1 - 1e-9, -3.0], [0.0, 1.0], [1.0, 1.0], [5e-324, -40.0]]
    cases += [[chance.random() ** 4, chance.gauss(0, 3)] for _ in range(amount)]
    for (probability, contribution), found in zip(
        cases, run(modules, "return given.map(([p, c]) => module.riskWithout(p, c));", *cases), strict=True
    ):
        odds = probability / (1 - probability) * math.exp(-contribution) if probability < 1 else math.inf
        expected = 1.0 if odds == math.inf else odds / (1 + odds)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-300)


WORDS = """
    const { CustomerForm } = await import("/static/customer.js");
    const form = new CustomerForm(document.getElementById("customer-form"));
    return given.map(([reason, probability]) => module.wordReason(reason, probability, form));
"""


def test_a_reason_is_in_the_forms_words_with_partners_and_holds_near_0_and_1(page):
    contract = {
        "field": "contract",
        "value": "month-to-month",
        "contribution": math.log(0.26 / 0.74) - math.log(0.17 / 0.83),
    }
    partners = {
        "field": "monthlycharges",
        "value": 85.3,
        "contribution": -0.1,
        "together_with": ["tenure", "seniorcitizen"],
    }
    assert run(
        page,
        WORDS,
        [contract, 0.26],
        [partners, 0.5],
        [contract, 0.0001],
        [contract, 1],
        [contract | {"contribution": 0}, 0.26],
        [{"words": "as it is"}, 0.2],
    ) == [
        "Contract: Month-to-month (risk 26.0\u00a0% instead of 17.0\u00a0%)",
        "Monthly charges: $85.3, together with Months with us and Senior citizen "
        "(risk 50.0\u00a0% instead of 52.5\u00a0%)",
        "Contract: Month-to-month (risk 0.01\u00a0% instead of 0.006\u00a0%)".replace("0.01\u00a0%", "0.010\u00a0%"),
        "Contract: Month-to-month (risk 100.0\u00a0% either way)",
        "Contract: Month-to-month (risk 26.0\u00a0% either way)",
        "as it is",
    ]


@draws(few=30, many=1_000)
def test_bars_and_segments_are_those_of_plain_python(modules, amount):
    chance = random.Random(8)
    lists = [draw_list(chance, chance.choice([0, 30, 90])) for _ in range(amount)]
    script = """
        const plan = { options: [{ value: "basic" }, { value: "pro" }], dataset: {} };
        const form = { controls: new Map([["plan", plan]]), word: (_, value) => value };
        return given.map((list) => {
            const view = new module.ListView(make(module, list));
            const { columns, probabilities } = view.customers;
            const sums = [2, 3].map((place) => module.sumUp(view, place, module.groupTexts(columns[place], form)));
            const bars = [...module.countParts(view.matching, probabilities, 20)];
            const told = ({ label, customers, expected }) => [label, customers, expected];
            return [bars, sums.map((sum) => sum.map(told))];
        });
    """
    edges = [bar / 20 for bar in range(21)]
    for drawn, (bars, (cities, plans)) in zip(lists, run(modules, script, *lists), strict=True):
        risks = drawn["probabilities"]
        assert bars == [
            sum(low <= risk < high or risk == high == 1 for risk in risks) for low, high in itertools.pairwise(edges)
        ]
        for place, segments, spell in ((2, cities, str.strip), (3, plans, clean)):
            groups: dict[str, list[float]] = {}
            for cells, risk in zip(drawn["records"], risks, strict=True):
                groups.setdefault(spell(cells[place]) or "(blank)", []).append(risk)
            assert {label: customers for label, customers, _ in segments} == {
                label: len(group) for label, group in groups.items()
            }
            assert {label: expected for label, _, expected in segments} == pytest.approx(
                {label: sum(group) for label, group in groups.items()}
            )


def test_on_a_phone_reasons_are_below_their_customer_in_a_table_and_bars_are_as_wide_as_a_finger(listed):
    assert len(listed.find_all("#histogram-bars button")) == 20
    listed.resize((360, 780))
    listed.wait(lambda: len(listed.find_all("#histogram-bars button")) == 10)
    assert min(bar.size["width"] for bar in listed.find_all("#histogram-bars button")) >= 24
    words = [bar.get_attribute("aria-label") for bar in listed.find_all("#histogram-bars button")]
    assert words[4].startswith("40 to 50\u00a0%: ")
    assert [int(label.split(": ")[1].split()[0]) for label in words] == [
        sum(bar / 10 <= risk < (bar + 1) / 10 for risk in RISKS) for bar in range(10)
    ]
    row = listed.find("#customers-table tbody tr")
    name, reasons = row.find_elements("tag name", "td")[2], row.find_elements("tag name", "td")[-1]
    assert reasons.rect["y"] >= name.rect["y"] + name.rect["height"] - 1
    assert reasons.rect["x"] + reasons.rect["width"] <= 360
    table = listed.find("#customers-table")
    assert [element.aria_role for element in (table, row, name, reasons)] == ["table", "row", "cell", "cell"]
    assert head(listed, "Risk").aria_role == "columnheader"


def test_another_file_asks_before_it_replaces_a_list_that_is_saved_nowhere(page, tmp_path):
    other = write(tmp_path / "other.csv", LIST[:3])
    keys = lambda *pressed: ActionChains(page.driver).send_keys(*pressed).perform()  # noqa: E731
    is_asked = lambda: page.find("#choices").is_displayed()  # noqa: E731

    def choose_other():
        page.find("#file").send_keys(str(other))
        page.wait(is_asked)
        assert page.run("return document.activeElement.id") == "choices-title"
        assert page.text("#choices-title") == REPLACE

    page.upload(write(tmp_path / "list.csv", LIST[:5]))
    choose_other()
    keys(Keys.ESCAPE)
    page.wait(lambda: not is_asked())
    assert page.run("return document.getElementById('list-status').textContent") == "Cancelled. The list stays."
    assert page.run("return document.activeElement.id") == "file"
    choose_other()
    keys(Keys.TAB, Keys.TAB, Keys.ENTER)  # Cancel
    page.wait(lambda: not is_asked())
    assert len(shown(page)) == 5
    assert not page.find("#list-problem").is_displayed()
    choose_other()
    keys(Keys.TAB, Keys.ENTER)  # Replace the list
    page.wait(lambda: page.run("return document.getElementById('found').textContent") == "3 customers.")
    page.find("#download").click()
    page.find("#file").send_keys(str(tmp_path / "list.csv"))
    page.wait(lambda: page.text("#found") == "5 customers.")
    assert not is_asked()


COUNTS = """
    const places = ["list-status", "totals", "list-outside", "found", "histogram-words", "histogram-most",
        "histogram-table", "segments-table", "chips", "page-place", "bad-hint", "bad-groups summary", "calls-hint",
        "campaign-facts", "gains-table"];
    const read = (place) => {
        const walker = document.createTreeWalker(document.querySelector(`#${place}`), NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode.data);
        return texts.join(" ");
    };
    return Object.fromEntries(places.map((place) => [place, read(place)]));
"""


def test_every_count_of_a_long_list_has_a_mark_of_thousands(page, tmp_path):
    leaver = {name: cell for name, cell in LIST[BY_RISK[0]].items() if name not in ("customerID", "Name")}
    good = [leaver | {"city": f"town {row % 2}", "MonthlyCharges": "119"} for row in range(2_500)]
    bad = [leaver | {"city": "nowhere", "Contract": "?"}] * 1_001
    page.upload(write(tmp_path / "list.csv", [*good, *bad]))
    for id, figure in {"value": "500", "offer": "10", "contact": "1", "accept": "50"}.items():
        page.find(f"#campaign-{id}").send_keys(figure)
    page.find("#first").send_keys("1500")
    page.wait(lambda: "1,500" in page.text("#chips"))
    counts = page.run(COUNTS)
    scored = "Done: 2,500 rows scored, 2,500 likely to leave."
    assert counts["list-status"] == f"{scored} 1,001 rows could not be scored."
    assert "The 1,500 customers with the highest risk" in counts["chips"]
    assert counts["found"] == "1,500 shown, 2,500 customers found."
    assert {place for place, text in counts.items() if not re.search(r"\d,\d{3}", text)} == set()
    assert {place: text for place, text in counts.items() if re.search(r"\d{4}", text)} == {}
