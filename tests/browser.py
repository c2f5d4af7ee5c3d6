"""A real Chromium for the tests: Debian's packages, headless, with its own profile, and all messages of its console.

Where Chromium is missing its tests are skipped; with BROWSER_TESTS=required they fail.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HOW_TO_GET_IT = "apt-get install chromium chromium-driver"
LEFT_OUT = f"the browser tests were left out: no Chromium here ({HOW_TO_GET_IT})"
DESKTOP, PHONE = (1280, 900), (390, 844)
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # root in a container can't have a sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # /dev/shm is 64 MB in a container
    "--hide-scrollbars",
)


def need_browser() -> None:
    """Skip a test where Chromium is missing, or fail it where Chromium is required."""
    if CHROMIUM and CHROMEDRIVER:
        return
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(LEFT_OUT)
    pytest.skip(LEFT_OUT)


_CUT_OFF_ICON = re.compile(r"/static/icon\.svg - .*net::ERR_")
"""Chromium fetches the icon at a time of its own, when a test's service may have ended. A missing icon is a 404."""


class Browser:
    """A page in Chromium, and the steps that a test takes on it.

    `expected` are parts of the console messages that a test provokes, such as the status of a refused request.
    """

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self.expected: set[str] = set()

    def begin(self, downloads: Path) -> None:
        """Make the window empty, as large as a desktop's and in light colours, with its downloads in a folder."""
        self.expected = set()
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
        )
        self.resize(DESKTOP)
        self.set_dark(False)
        self.console()

    def open(self, url: str) -> None:
        """Open the service's page and wait for its first answer."""
        self.driver.get(url)
        self.wait_for_answer()

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def run(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], object]):
        """The value of a condition once it is true. The test fails if it is not true within 30 s."""
        waiting = WebDriverWait(self.driver, 30, poll_frequency=0.05)
        return waiting.until(lambda _: condition(), message=str(self.console()))

    def fill(self, name: str, value: object) -> None:
        """Put a value into the form's field, as a person would."""
        control = self.find(f"[name='{name}']")
        if control.tag_name == "select":
            Select(control).select_by_value(str(value))
        else:
            control.send_keys(Keys.CONTROL, "a", Keys.NULL, str(value))

    def customer(self) -> dict[str, str]:
        """The customer in the form: the values of its fields."""
        controls = "[...document.querySelectorAll('#customer-form [name]')]"
        return dict(self.run(f"return {controls}.map(control => [control.getAttribute('name'), control.value])"))

    def wait_for_answer(self) -> None:
        """Wait until the page shows an answer to the current content of the form."""
        self.wait(lambda: self.run(_ANSWERED))

    def wait_for_paint(self) -> None:
        """Wait until new colours and sizes are shown and no transition is under way."""
        self.run("return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        self.wait(lambda: self.run("return document.getAnimations().length === 0"))

    def probability(self) -> float:
        return float(self.find("#probability").get_attribute("value"))

    def upload(self, path: Path) -> None:
        """Choose a file and wait until the page shows its scores, or the reason why there are none."""
        self.find("#file").send_keys(str(path))
        self.wait(lambda: self.run(_SCORED))

    def score_anew(self) -> None:
        """Score a file again after the page has read its earlier answers back, and wait for the scores."""
        self.find("#score-anew").click()
        self.wait(lambda: self.find("#download").is_displayed())

    def bad_groups(self) -> list[list]:
        """The groups of rows that could not be scored: title, expected value, headings, and the cells of each row."""
        return self.run(_BAD_GROUPS)

    def bad_rows(self) -> list[str]:
        """The rows that could not be scored, each once, numbered as in a spreadsheet."""
        rows = {cells[0] for _, _, _, *cells_of_rows in self.bad_groups() for cells in cells_of_rows}
        return sorted(rows, key=int)

    def score(self, path: Path, *, sheet: str | None = None, missing: int = 0) -> bytes:
        """The scored file, in the same folder as the file at `path`; `sheet` is the sheet of a workbook to choose.

        `missing` columns have other names than the model's fields, and the page guesses each of them.
        """
        self.find("#file").send_keys(str(path))
        if sheet:
            self.wait(lambda: self.find_all("#choices select"))
            Select(self.find("#choices select")).select_by_visible_text(sheet)
            self.find("#choices .primary").click()
        if missing:
            self.wait(lambda: self.text("#choices-title") == f"{missing} columns are missing")
            self.find("#choices .primary").click()
        self.wait(lambda: self.find("#scored").is_displayed())
        self.find("#download").click()
        scored = path.with_name(self.find("#download").get_attribute("download"))
        self.wait(lambda: scored.exists() and scored.stat().st_size)
        return scored.read_bytes()

    def rows(self, selector: str) -> list[list[str]]:
        """The texts of the rows in a table's body."""
        script = "return [...document.querySelector(arguments[0]).rows].map(r => [...r.cells].map(c => c.innerText))"
        return self.run(script, f"{selector} tbody")

    def heights(self, selector: str) -> list[tuple[str, float]]:
        """The height in pixels of each visible element, by its text or its name."""
        return [tuple(found) for found in self.run(_HEIGHTS, selector)]

    def wider_than_the_window(self) -> bool:
        return self.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def intercept(self, script: str, *given) -> None:
        """Put a script between the page and the service, with the arguments `given`.

        In the script `ask` is the real fetch, and `csv` is true when a list is being sent.
        """
        self.run(
            f"""const ask = window.fetch, given = arguments; let calls = 0;
            window.fetch = async (path, options) => {{ const csv = path.includes("errors"); {script} }};""",
            *given,
        )

    def contrasts(self) -> list[tuple[str, float, float]]:
        """Each visible text, its contrast with its background, and the lowest contrast that WCAG AA accepts."""
        return [tuple(found) for found in self.run(_CONTRASTS)]

    def resize(self, size: tuple[int, int]) -> None:
        """Make the inside of the window exactly this size. Below 500 pixels the browser behaves as on a phone."""
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def set_dark(self, dark: bool, *, paper: bool = False) -> None:
        """Switch to light or dark colours, on a screen or, with `paper`, as the page is printed."""
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": "print" if paper else "screen", "features": features}
        )

    def console(self) -> list[str]:
        """The console's messages since the last call, without those that the test expects."""
        told = [entry["message"] for entry in self.driver.get_log("browser")]
        told = [message for message in told if not any(expected in message for expected in self.expected)]
        return [message for message in told if not _CUT_OFF_ICON.search(message)]


_BAD_GROUPS = """
    return [...document.querySelectorAll("#bad-groups details")].map((group) => [
        group.querySelector("summary").textContent,
        group.querySelector("summary + .hint")?.textContent ?? "",
        ...[...group.querySelector("table").rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    ]);
"""

_ANSWERED = """
    const verdict = document.getElementById("verdict");
    return verdict !== null && verdict.getAttribute("aria-busy") === "false";
"""

_SCORED = """
    const [scored, problem, progress] = ["scored", "list-problem", "progress"]
        .map((id) => document.getElementById(id).checkVisibility());
    return (scored || problem) && !progress;
"""

_HEIGHTS = """
    return [...document.querySelectorAll(arguments[0])]
        .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        .map((element) => [element.innerText || element.name || element.id, element.getBoundingClientRect().height]);
"""

_CONTRASTS = """
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const read = (color) => {
        probe.clearRect(0, 0, 1, 1); probe.fillStyle = color; probe.fillRect(0, 0, 1, 1);
        return [...probe.getImageData(0, 0, 1, 1).data];
    };
    const light = (color) => color.slice(0, 3).map((one) => one / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = (element) => {
        for (let one = element; one; one = one.parentElement) {
            const color = read(getComputedStyle(one).backgroundColor);
            if (color[3] === 255) return color;
        }
        return [255, 255, 255, 255];
    };
    const told = [];
    for (const element of document.querySelectorAll("body *")) {
        const texts = [...element.childNodes].filter((one) => one.nodeType === 3);
        const words = texts.map((one) => one.data.trim()).join("");
        const style = getComputedStyle(element);
        if (!words || !element.checkVisibility() || element.closest(".spoken, .skip, option, script")) continue;
        const [one, other] = [light(read(style.color)), light(ground(element))].sort((a, b) => b - a);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        told.push([words.slice(0, 40), (one + 0.05) / (other + 0.05), large ? 3 : 4.5]);
    }
    return told;
"""


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """A Chromium with an empty profile."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(CHROMEDRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
