"""The link to a what-if: copied, read into the form and removed from the address; a bad one changes nothing."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.customers import RAW_CUSTOMERS
from tests.drawn_customers import INTERNET

pytestmark = pytest.mark.browser

BAD = "The link to a what-if can\u2019t be read: {}. Nothing is changed."

BAD_LINKS = {
    "what-if": "it has no values",
    "what-if?": "it has no values",
    "what-if?tenure=%E9": "it is damaged",
    "what-if?tenure=%": "it is damaged",
    "what-if?tenure=" + "1" * 9000: "it is too long",
    "what-if?tenure=" + "1" * 500: "its value of \u2018Months with us\u2019 is none that this model has",
    "what-if?tenure=1%0A2": "its value of \u2018Months with us\u2019 is none that this model has",
    "what-if?tenure=1&tenure=2": "it has a field twice",
    "what-if?tenure=1&spend=2": "it has a field that this model has not",
    "what-if?__proto__=2": "it has a field that this model has not",
    "what-if?tenure=1&contract=%3Cb%3E": "its value of \u2018Contract\u2019 is none that this model has",
}


def address(page) -> str:
    return page.run("return location.href")


def copy(page) -> str:
    """The link that the button puts on the clipboard, whatever a test browser allows there."""
    page.run(
        "Object.defineProperty(navigator, 'clipboard', { configurable: true, "
        "value: { writeText: async (text) => (window.copied = text) } })"
    )
    page.find("#copy-link").click()
    page.wait(lambda: page.text("#link-status").startswith("Copied."))
    return page.run("return window.copied")


def go(page, fragment: str) -> None:
    page.run("location.hash = arguments[0]", fragment)
    page.wait(lambda: page.text("#link-read"))
    page.wait_for_answer()


def test_a_copied_link_opens_the_same_what_if_on_another_page_and_leaves_its_address(page, service):
    page.fill("contract", "two_year")
    page.fill("monthlycharges", "29,5")
    page.find("[name=monthlycharges]").send_keys(Keys.ENTER)
    page.wait(lambda: len(page.find_all("#changes li")) == 2)
    page.wait_for_answer()
    customer, probability = page.customer(), page.probability()
    link = copy(page)
    assert link.startswith(f"{service.url}/#what-if?")
    assert address(page) == f"{service.url}/"
    page.driver.get("about:blank")
    page.open(link)
    assert (page.customer(), page.probability()) == (customer, probability)
    assert address(page) == f"{service.url}/"
    assert page.text("#link-read").startswith("This what-if is from a link.")
    assert page.text("#comparison").startswith("Started at")
    assert not page.find_all("#changes li")
    page.find("[type='reset']").click()
    page.wait_for_answer()
    assert page.customer()["contract"] == "month-to-month"
    assert page.text("#link-read") == ""


def test_where_the_clipboard_is_not_allowed_the_link_is_selected_in_a_field(page, service):
    for clipboard in ("undefined", "{ writeText: () => Promise.reject(new Error('denied')) }"):
        page.run(f"Object.defineProperty(navigator, 'clipboard', {{ configurable: true, value: {clipboard} }})")
        page.find("#copy-link").click()
        page.wait(lambda: page.find("#link").is_displayed())
        link = page.find("#link").get_property("value")
        assert link.startswith(f"{service.url}/#what-if?")
        selected = page.run(
            "const field = document.activeElement; return [field.id, field.selectionStart, field.selectionEnd]"
        )
        assert selected == ["link", 0, len(link)]
        page.fill("contract", "two_year" if clipboard == "undefined" else "one_year")
        assert not page.find("#link").is_displayed()


def test_a_link_with_a_few_fields_has_the_start_in_the_others_and_in_the_values_that_go_together(page, service):
    before = page.customer()
    page.fill("tenure", "3")
    go(page, "what-if?internetservice=no&streamingtv=no_internet_service")
    assert page.customer() == before | {"internetservice": "no"} | dict.fromkeys(INTERNET, "no_internet_service")
    assert address(page) == f"{service.url}/"
    assert sum("Changed with" in note.text for note in page.find_all(".note")) == 5
    assert not page.find_all("[aria-invalid]")
    page.fill("internetservice", "dsl")
    assert page.customer() == before | {"internetservice": "dsl"}


def test_a_row_of_another_customer_brings_its_own_values_only(page):
    page.fill("onlinesecurity", "yes")
    offline = next(raw for raw in RAW_CUSTOMERS if raw["InternetService"] == "No")
    fields = {name.lower(): value.lower().replace(" ", "_") for name, value in offline.items()}
    go(page, "what-if?" + "&".join(f"{name}={value}" for name, value in fields.items()))
    assert page.customer() == fields
    assert page.find("#link-read").is_displayed()
    page.fill("internetservice", "dsl")
    assert {page.customer()[name] for name in INTERNET} == {"no"}


OPEN_EACH = """const done = arguments[arguments.length - 1], [fragments] = arguments;
    (async () => {
        const found = [];
        for (const fragment of fragments) {
            const opened = new Promise((open) => addEventListener("hashchange", open, { once: true }));
            location.hash = fragment;
            await opened;
            found.push([document.getElementById("link-read").textContent, location.href]);
        }
        done(found);
    })();"""


def test_a_bad_link_is_reported_in_one_line_and_changes_nothing(page, service):
    page.fill("tenure", "7")
    page.wait(lambda: page.find_all("#changes li"))
    page.wait_for_answer()
    before = page.customer(), page.text("#comparison")
    found = page.driver.execute_async_script(OPEN_EACH, list(BAD_LINKS))
    assert found == [[BAD.format(reason), f"{service.url}/"] for reason in BAD_LINKS.values()]
    assert page.find("#link-read").is_displayed()
    page.wait_for_answer()
    assert (page.customer(), page.text("#comparison")) == before


def test_a_links_value_for_a_number_is_a_text_which_the_service_judges(page):
    page.expected = {"status of 422"}
    images = len(page.find_all("img"))
    go(page, "what-if?tenure=%3Cimg%20src=x%20onerror=alert(1)%3E")
    page.wait(lambda: page.find_all("[aria-invalid]"))
    assert page.customer()["tenure"] == "<img src=x onerror=alert(1)>"
    assert len(page.find_all("img")) == images


def test_the_pages_own_places_stay_in_its_address_and_its_requests_have_no_fragment(page, service):
    for place in ("#list", "#model", "#customer"):
        page.find(f".top nav a[href='{place}'], footer a[href='{place}']").click()
        assert address(page) == f"{service.url}/{place}"
        assert page.text("#link-read") == ""
    page.run("history.replaceState({ place: 'row' }, '', location.href)")
    page.fill("contract", "two_year")
    page.wait(lambda: page.find_all("#changes li"))
    assert address(page) == f"{service.url}/#customer"


def test_a_link_waits_for_the_key(browser, guarded):
    browser.driver.get(f"{guarded.url}/#what-if?tenure=7&contract=two_year")
    browser.find("#key").send_keys("right-key", Keys.ENTER)
    browser.wait(lambda: browser.find_all("#customer-form"))
    browser.wait_for_answer()
    assert (browser.customer()["tenure"], browser.customer()["contract"]) == ("7", "two_year")
    assert address(browser) == f"{guarded.url}/"
    browser.run("location.hash = 'what-if?tenure=9'")
    browser.wait(lambda: browser.customer()["tenure"] == "9")
    browser.wait_for_answer()
    assert "tenure" not in guarded.log.read_text()
