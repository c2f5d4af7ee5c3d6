"""The pictures of the page in README.md and docs/page.md. `python -m tests.page_pictures` takes them anew.

A function brings a browser to what its picture shows; PICTURES names them. The customers are the shipped table's.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import requests

from tests.browser import Browser, need_browser, open_browser
from tests.customers import PROJECT, RAW_CUSTOMERS, write_list
from tests.serving import PageServer

FOLDER = PROJECT / "docs" / "pictures"
MOST_BYTES = 150_000


def show_one_customer(browser: Browser, url: str, folder: Path) -> None:
    """A what-if: the example customer, with another contract."""
    browser.resize((1180, 860))
    browser.open(url)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))


def show_together(browser: Browser, url: str, folder: Path) -> None:
    """Fields that changed with another one."""
    browser.resize((1180, 620))
    browser.open(url)
    browser.fill("internetservice", "no")
    browser.wait(lambda: browser.find_all("#changes li"))
    scroll_to(browser, "#customer-form fieldset:nth-of-type(2)")


def show_problem(browser: Browser, url: str, folder: Path) -> None:
    """A number that is none."""
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
    """Counts of customers who have not been here for long, compared with training."""
    new = [customer for customer in RAW_CUSTOMERS if int(customer["tenure"]) <= 24]
    content = write_list(folder / "new.csv", new).read_bytes()
    requests.post(f"{url}/predict", data=content, headers={"Content-Type": "text/csv"}, timeout=30).raise_for_status()
    browser.resize((1180, 860))
    browser.open(url)
    scroll_to(browser, "#drift")
    browser.wait(lambda: browser.find_all("#drift-fields summary"))
    scroll_to(browser, "#drift")


PICTURES: dict[str, Callable[[Browser, str, Path], None]] = {
    "one-customer": show_one_customer,
    "together": show_together,
    "problem": show_problem,
    "phone": show_phone,
    "model": show_model,
    "drift": show_drift,
}


def scroll_to(browser: Browser, selector: str) -> None:
    browser.run("document.querySelector(arguments[0]).scrollIntoView()", selector)


def take_picture(browser: Browser, url: str, name: str, folder: Path) -> Path:
    """A picture of the page at an address, as a file in a folder."""
    browser.begin(folder)
    browser.expected = {"status of 422"}
    PICTURES[name](browser, url, folder)
    browser.run("document.activeElement.blur()")
    browser.wait_for_paint()
    path = folder / f"{name}.png"
    browser.driver.save_screenshot(str(path))
    return path


def main() -> None:
    """Takes all pictures anew."""
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
