"""The shipped model served, and its page open in the browser."""

import pytest

from tests.browser import need_browser
from tests.serving import PageServer


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    need_browser()
    with PageServer(tmp_path_factory.mktemp("service") / "log") as running:
        yield running


@pytest.fixture
def page(browser, service):
    browser.open(service.url)
    return browser
