"""A real Chromium for the tests: Debian's packages, headless, in a profile of its own; all that its console says.

Where there is none its tests are skipped, unless BROWSER_TESTS=required: then they fail.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HOW_TO_GET_IT = "apt-get install chromium chromium-driver"
LEFT_OUT = f"the browser tests were left out: no Chromium here ({HOW_TO_GET_IT})"
DESKTOP, PHONE = (1280, 900), (390, 844)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # /dev/shm is 64 MB in a container
    "--force-device-scale-factor=1",
)


def need_browser() -> None:
    """Ends a test where there is no Chromium: as skipped, or as failed where it must be there."""
    if CHROMIUM and CHROMEDRIVER:
        return
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(LEFT_OUT)
    pytest.skip(LEFT_OUT)


class Browser:
    """A page in Chromium, and what a test does with it. `expected` are statuses that the console may tell of."""

    def __init__(self, driver: Chrome, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads
        self.expected: set[str] = set()

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def wait(self, condition, *, timeout_s: float = 30):
        return WebDriverWait(self.driver, timeout_s, poll_frequency=0.05).until(lambda _: condition())

    def run(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def resize(self, size: tuple[int, int]) -> None:
        """A window of just this size inside: below 500 pixels only a device's metrics do it."""
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def set_dark(self, dark: bool) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def console(self) -> list[str]:
        """What the console says since it was last asked, without the statuses that the test expects."""
        told = [entry["message"] for entry in self.driver.get_log("browser")]
        return [one for one in told if not any(expected in one for expected in self.expected)]


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A Chromium with an empty profile and downloads in `folder`; its console must have stayed silent."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    downloads = folder / "downloads"
    downloads.mkdir()
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(CHROMEDRIVER))
    try:
        browser = Browser(driver, downloads)
        browser.resize(DESKTOP)
        browser.set_dark(False)
        yield browser
        assert browser.console() == []
    finally:
        driver.quit()
