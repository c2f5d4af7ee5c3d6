"""The shipped model served, once for all files of this folder, and its page open in the browser."""

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
    """A service that takes 100 kB at once: a list of 100 kB goes in three pieces."""
    need_browser()
    with PageServer(tmp_path_factory.mktemp("frugal") / "log", MAX_CONTENT_LENGTH="100000") as running:
        yield running


@pytest.fixture
def page(browser, service):
    browser.open(service.url)
    return browser
