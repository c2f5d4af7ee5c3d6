"""The page as it is printed, in a real Chromium: what a person would want on paper, in dark ink."""

import pytest

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
    hidden = ["#list", "#drift", ".top nav", ".bottom"]  # a list that is not scored, and counts nobody has looked at
    assert [part for part in hidden if page.find(part).is_displayed()] == []
    assert not page.wider_than_the_window()
    assert page.run("return getComputedStyle(document.body).color") == "rgb(27, 36, 33)"
    assert page.run("return getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
