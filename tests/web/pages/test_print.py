"""The page as it is printed, in a real Chromium: the parts that are useful on paper, in dark ink."""

import pytest
from selenium.webdriver.support.ui import Select

from tests.customers import RAW_CUSTOMERS, write_list

pytestmark = pytest.mark.browser

A4 = (718, 1046)
"""A sheet within its margins, in pixels."""


def test_the_risk_its_reasons_and_the_customer_are_printed_in_that_order_and_no_controls(page):
    page.fill("contract", "two_year")
    page.wait(lambda: page.find_all("#changes li"))
    page.resize(A4)
    for dark in (False, True):
        check_print(page, dark)


def check_print(page, dark: bool) -> None:
    page.set_dark(dark, paper=True)
    tops = [page.find(part).rect["y"] for part in ("#verdict", ".why", "#customer-form", "#model")]
    assert tops == sorted(tops)
    shown = ["#probability", "#decision", "#changes", "#reasons", "[name='contract']", "#model .facts"]
    assert [part for part in shown if not page.find(part).is_displayed()] == []
    assert page.heights("button, input[type='range']") == []
    hidden = ["#list", "#drift", ".top nav", ".bottom"]  # no list is scored, and #drift was not in view
    assert [part for part in hidden if page.find(part).is_displayed()] == []
    assert not page.wider_than_the_window()
    assert page.run("return getComputedStyle(document.body).color") == "rgb(27, 36, 33)"
    assert page.run("return getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"


SHOWN_CONTROLS = """
    const hasBorder = (control) => getComputedStyle(control).borderTopWidth !== "0px";
    return [...document.querySelectorAll("button, input, select, a.button")]
        .filter((control) => control.checkVisibility() && hasBorder(control))
        .map((control) => control.id || control.className || control.textContent)
"""
"""Elements that look as if a person could press or fill them."""


def fill_campaign(page) -> None:
    for name, text in {"value": "200", "offer": "10", "contact": "1", "accept": "30"}.items():
        page.find(f"#campaign-{name}").send_keys(text)


def test_a_list_is_printed_as_filtered_with_the_campaign_and_the_whole_call_list(page, tmp_path):
    customers = [{"Name": f"Zo\u00eb {row}"} | raw for row, raw in enumerate(RAW_CUSTOMERS[:150])]
    page.upload(write_list(tmp_path / "list.csv", customers))
    Select(page.find("#filter-by")).select_by_visible_text("Contract")
    page.find("#filter-choices label").click()
    page.find("#filter-done").click()
    fill_campaign(page)
    filtered = sum(raw["Contract"] == "Month-to-month" for raw in RAW_CUSTOMERS[:150])
    called = int(page.text("#campaign-facts strong").split()[0])
    assert (len(page.rows("#customers-table")), len(page.rows("#calls-table"))) == (25, 10)
    focused = page.find("#customers-table tbody button")
    page.run("arguments[0].focus()", focused)
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.resize(A4)
    page.set_dark(False, paper=True)
    assert (len(page.rows("#customers-table")), len(page.rows("#calls-table"))) == (filtered, called)
    assert page.text("#calls-hint") == f"{called} customers, the highest expected gain first."
    shown = [
        "#chips",
        "#histogram-bars",
        "#segments-table",
        "#campaign-accept",
        "#gains-curve",
        "#campaign-facts",
        "#model",
    ]
    assert [part for part in shown if not page.find(part).is_displayed()] == []
    hidden = ["#customer", ".needed", "#drop", "#narrow", "#pages", "#campaign-slider", "#calls .buttons"]
    assert [part for part in hidden if page.find(part).is_displayed()] == []
    assert page.run(SHOWN_CONTROLS) == []
    assert not page.wider_than_the_window()
    page.run("dispatchEvent(new Event('afterprint'))")
    page.set_dark(False)
    assert (len(page.rows("#customers-table")), len(page.rows("#calls-table"))) == (25, 10)
    assert page.driver.switch_to.active_element == focused


def test_of_a_long_list_500_rows_around_the_page_are_printed_with_a_note_on_which(page):
    """Of 1,203 rows the screen has 25: at the beginning, at the end and in between."""
    script = """
        const { extendOnPaper } = await import("/static/paper.js");
        const found = [];
        for (const start of arguments[0]) {
            const table = Object.assign(document.createElement("table"), { innerHTML: "<tbody></tbody>" });
            document.body.append(table);
            const drawRow = (place) => Object.assign(document.createElement("tr"), { title: place });
            const end = Math.min(start + 25, 1203), stop = new AbortController();
            for (let place = start; place < end; place++) table.tBodies[0].append(drawRow(place));
            extendOnPaper(table, { findShown: () => ({ start, end, length: 1203 }), drawRow, signal: stop.signal });
            dispatchEvent(new Event("beforeprint"));
            const places = [...table.rows].map((row) => Number(row.title));
            const isWhole = places.every((place, at) => place === places[0] + at);
            found.push([places[0], places.length, isWhole, table.previousSibling.textContent]);
            dispatchEvent(new Event("afterprint"));
            found.at(-1).push(table.rows.length);
            stop.abort();
        }
        return found;
    """
    assert page.run(script, [0, 450, 600, 1200]) == [
        [0, 500, True, "On paper: 1 to 500 of 1,203.", 25],
        [0, 500, True, "On paper: 1 to 500 of 1,203.", 25],
        [125, 500, True, "On paper: 126 to 625 of 1,203.", 25],
        [703, 500, True, "On paper: 704 to 1,203 of 1,203.", 3],
    ]
