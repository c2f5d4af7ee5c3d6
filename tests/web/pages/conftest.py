"""The shipped model, served once for all files of this folder, and its page open in the browser."""

import pytest

from tests.browser import need_browser
from tests.serving import PageServer


@pytest.fixture(scope="package")
def service(tmp_path_factory):
    need_browser()
    with PageServer(tmp_path_factory.mktemp("service") / "log") as running:
        yield running


@pytest.fixture(scope="package")
def frugal(tmp_path_factory):
    """A service with a limit of 100 kB for a body: a list of 100 kB goes in three pieces."""
    need_browser()
    with PageServer(tmp_path_factory.mktemp("frugal") / "log", MAX_CONTENT_LENGTH="100000") as running:
        yield running


@pytest.fixture(scope="package")
def guarded_service(tmp_path_factory):
    need_browser()
    with PageServer(tmp_path_factory.mktemp("guarded") / "log", API_KEY="right-key") as running:
        yield running


@pytest.fixture
def guarded(browser, guarded_service):
    """A service that requires the key `right-key`, which this browser's tab does not have."""
    yield guarded_service
    browser.run("sessionStorage.clear()")


@pytest.fixture
def page(browser, service):
    browser.open(service.url)
    return browser


@pytest.fixture
def modules(chromium, service, tmp_path):
    """The browser at the page, for tests of its modules; the page is opened only if the browser is elsewhere.

    A test that looks at the page, or changes it, takes `page`, which is freshly opened.
    """
    chromium.expected = set()
    if chromium.driver.current_url != f"{service.url}/":
        chromium.begin(tmp_path)
        chromium.open(service.url)
    chromium.console()  # drops messages that an earlier test's page still logged
    yield chromium
    assert chromium.console() == []
