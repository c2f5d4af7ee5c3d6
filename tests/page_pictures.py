"""The pictures of the page in README.md and docs/page.md. `python -m tests.page_pictures` takes them again.

Each function brings a browser to the state that its picture shows; PICTURES names them. The customers are from the
shipped table, with made-up names.
"""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import requests
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser import Browser, need_browser, open_browser
from tests.customers import PROJECT, RAW_CUSTOMERS, write_list
from tests.serving import PageServer

FOLDER = PROJECT / "docs" / "pictures"
MOST_BYTES = 150_000
FIRST_NAMES = ("Ada", "Ben", "Chloé", "Dan", "Eva", "Finn", "Grace", "Hugo", "Ines", "Jon", "Kim", "Mia")
LAST_NAMES = ("Ahmed", "Berg", "Carter", "Diaz", "Evans", "Fischer", "Gray", "Hansen", "Ito", "Jones", "Klein")
FIGURES = {"months": "12", "offer": "50", "contact": "5", "accept": "30", "calls": "100"}
"""For the campaign: a customer who is kept is worth this many months of MonthlyCharges."""


def show_one_customer(browser: Browser, url: str, folder: Path) -> None:
    """A what-if: the example customer with another contract."""
    browser.resize((1180, 860))
    browser.open(url)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))


def show_together(browser: Browser, url: str, folder: Path) -> None:
    """Fields that changed together with another field."""
    browser.resize((1180, 620))
    browser.open(url)
    browser.fill("internetservice", "no")
    browser.wait(lambda: browser.find_all("#changes li"))
    scroll_to(browser, "#customer-form fieldset:nth-of-type(2)")


def show_problem(browser: Browser, url: str, folder: Path) -> None:
    """A text where a number is expected."""
    browser.resize((1180, 480))
    browser.open(url)
    browser.fill("tenure", "a year")
    browser.wait(lambda: browser.find_all("[aria-invalid]"))
    scroll_to(browser, "#customer-form")


def show_phone(browser: Browser, url: str, folder: Path) -> None:
    browser.resize((390, 844))
    browser.set_dark(True)
    browser.open(url)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))
    scroll_to(browser, "#customer-form")


def show_model(browser: Browser, url: str, folder: Path) -> None:
    browser.resize((1180, 420))
    browser.open(url)
    scroll_to(browser, "#model")


def show_drift(browser: Browser, url: str, folder: Path) -> None:
    """Counts of customers with a short tenure, compared with training."""
    new = [customer for customer in RAW_CUSTOMERS if int(customer["tenure"]) <= 24]
    content = write_list(folder / "new.csv", new).read_bytes()
    requests.post(f"{url}/predict", data=content, headers={"Content-Type": "text/csv"}, timeout=30).raise_for_status()
    browser.resize((1180, 860))
    browser.open(url)
    scroll_to(browser, "#drift")
    browser.wait(lambda: browser.find_all("#drift-fields summary"))
    scroll_to(browser, "#drift")


def make_list() -> list[dict[str, str]]:
    """A thousand customers with a number and a name; some rows can't be scored."""
    chance = random.Random(5)
    customers = [
        {
            "CustomerID": f"{chance.randrange(10_000):04d}-{chance.choice('ABCDEFGH')}",
            "Name": f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
        }
        | raw
        for raw in RAW_CUSTOMERS[:1000]
    ]
    for row in range(30, 60):
        customers[row]["MonthlyCharges"] = f"{customers[row]['MonthlyCharges']} USD"
    for row in (104, 217, 733):
        customers[row]["Contract"] = "Monthly"
    return customers


def drop_list(browser: Browser, url: str, folder: Path) -> None:
    """The list on the page, scored."""
    browser.open(url)
    browser.upload(write_list(folder / "customers.csv", make_list()))
    Select(browser.find("#segment-by")).select_by_visible_text("Contract")


def show_list(browser: Browser, url: str, folder: Path) -> None:
    browser.resize((1180, 850))
    drop_list(browser, url, folder)
    scroll_to(browser, "#customers")


def show_row(browser: Browser, url: str, folder: Path) -> None:
    """A customer of the list in the form."""
    browser.resize((1180, 900))
    drop_list(browser, url, folder)
    browser.find_all("#customers-table tbody button")[2].click()
    browser.wait_for_answer()
    scroll_to(browser, "#customer")


def fill_campaign(browser: Browser) -> None:
    Select(browser.find("#campaign-value-by")).select_by_visible_text("By a column")
    Select(browser.find("#campaign-column")).select_by_visible_text("Monthly charges")
    for name, text in FIGURES.items():
        control = browser.find(f"#campaign-{name}")
        control.send_keys(Keys.CONTROL, "a")
        control.send_keys(text)
    browser.wait(lambda: browser.find("#campaign-outcome").is_displayed())


def show_campaign(browser: Browser, url: str, folder: Path) -> None:
    """The figures of a campaign, and whom to call."""
    browser.resize((1180, 960))
    drop_list(browser, url, folder)
    fill_campaign(browser)
    scroll_to(browser, "#campaign")


def show_calls(browser: Browser, url: str, folder: Path) -> None:
    """The expected gain of the campaign, and the call list."""
    browser.resize((1180, 700))
    drop_list(browser, url, folder)
    fill_campaign(browser)
    scroll_to(browser, "#campaign-outcome")


def show_bad_rows(browser: Browser, url: str, folder: Path) -> None:
    browser.resize((1180, 430))
    drop_list(browser, url, folder)
    browser.run("for (const group of document.querySelectorAll('#bad-groups details')) group.open = !group.open")
    scroll_to(browser, "#bad")


PICTURES: dict[str, Callable[[Browser, str, Path], None]] = {
    "one-customer": show_one_customer,
    "together": show_together,
    "problem": show_problem,
    "drift": show_drift,  # before lists are scored, because those are counted too
    "list": show_list,
    "row": show_row,
    "campaign": show_campaign,
    "calls": show_calls,
    "bad-rows": show_bad_rows,
    "phone": show_phone,
    "model": show_model,
}


def scroll_to(browser: Browser, selector: str) -> None:
    browser.run("document.querySelector(arguments[0]).scrollIntoView()", selector)


def take_picture(browser: Browser, url: str, name: str, folder: Path) -> Path:
    """Save a picture of the page at an address as a file in a folder."""
    browser.begin(folder)
    browser.expected = {"status of 422"}
    PICTURES[name](browser, url, folder)
    browser.run("document.activeElement.blur()")
    browser.wait_for_paint()
    path = folder / f"{name}.png"
    browser.driver.save_screenshot(str(path))
    return path


def main() -> None:
    """Take all pictures again."""
    need_browser()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with PageServer(folder / "log") as service, open_browser(folder / "chromium") as browser:
            for picture in PICTURES:
                taken = take_picture(browser, service.url, picture, folder)
                (FOLDER / taken.name).write_bytes(taken.read_bytes())
                print(f"docs/pictures/{taken.name}: {taken.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
