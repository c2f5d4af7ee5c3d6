"""GET /docs: its files and headers over the Flask client, and the page itself in a real browser."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from churn.web.pages.assets import STATIC, read_edition
from churn.web.pages.docs import ASSETS


def test_the_page_runs_no_scripts_except_files_of_this_service(client):
    response = client.get("/docs")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    policy = dict(part.partition(" ")[::2] for part in response.headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "://" not in response.text
    for tag in ("<style", " style=", "onload=", "onclick=", "javascript:"):
        assert tag not in response.text


def operations_of(app) -> set[tuple[str, str]]:
    """The method and the path of each operation of an app, as OpenAPI writes them."""
    return {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_the_page_lists_every_operation_before_any_script_runs(client, app):
    listed = re.findall(r'<span class="method \w+">(\w+)</span> <code>(.+?)</code>', client.get("/docs").text)
    assert set(listed) == operations_of(app)
    assert len(listed) == len(operations_of(app))


def test_swagger_ui_is_loaded_only_when_an_operation_is_opened(client):
    page = client.get("/docs").text
    loaded = re.findall(r'<(?:script|link)[^>]* (?:href|src)="([^"]+)"', page)
    assert set(OURS) == set(loaded)


EDITION = f"/static/{read_edition(STATIC).name}"
OURS = (f"{EDITION}/docs.css", f"{EDITION}/docs.js", f"{EDITION}/icon.svg")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def test_every_file_that_the_page_names_is_there(client):
    page = client.get("/docs").text
    named = re.findall(r'(?:href|src)="(/[a-z]+/[^"]+)"', page)
    assert {path for path in named if path.startswith("/docs/")} == {f"/docs/{name}" for name in ASSETS}
    assert {path for path in named if path.startswith("/static/")} == set(OURS)
    for path in named:
        response = client.get(path)
        assert response.status_code == 200
        assert response.mimetype == TYPES[path.rpartition(".")[2]]
        assert len(response.data) > 200


@pytest.mark.parametrize(
    "name",
    [
        "index.css",
        "LICENSE",
        "oauth2-redirect.html",
        "swagger-ui.js",
        "../docs.py",
        "..%2fdocs.py",
        "docs.js",
        "a" * 300 + ".js",
        "",
    ],
)
def test_no_other_file_is_served(client, name):
    assert client.get(f"/docs/{name}").status_code == 404
    assert client.get(f"/static/no-{name}").status_code == 404
    assert client.get("/docs/static/docs.js").status_code == 404


@pytest.mark.parametrize("path", ["/static/docs.js", "/docs/swagger-ui.css"])
def test_a_file_is_revalidated_each_time_and_sent_once(client, path):
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "no-cache"
    other = client.get("/static/docs.css", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def seen(browser, selector: str):
    """The first visible element that a selector finds, once there is one."""
    return browser.wait(
        lambda: next((element for element in browser.find_all(selector) if element.is_displayed()), None)
    )


def try_predict(browser) -> str:
    """The status of the answer that the page shows for the example customer after "Try it out"."""
    if not browser.find_all(".try-out__btn"):
        seen(browser, "#operations-scoring-predict .opblock-summary-control").click()
    seen(browser, ".try-out__btn").send_keys(Keys.ENTER)
    seen(browser, ".execute").send_keys(Keys.ENTER)
    assert '"churn_probability"' in seen(browser, ".live-responses-table").text
    return seen(browser, ".live-responses-table tbody .response-col_status").text.split()[0]


@pytest.mark.browser
def test_the_page_shows_every_operation_and_the_example_is_answered(browser, service, app):
    browser.set_dark(True)
    browser.driver.get(f"{service.url}/docs")
    seen(browser, "a[href='#/scoring/predict']").send_keys(Keys.ENTER)
    opened = "#operations-scoring-predict button[aria-expanded='true']"
    browser.wait(lambda: browser.find_all(f"{opened}:focus"))
    methods, paths = (browser.find_all(f".opblock-summary-{part}") for part in ("method", "path"))
    shown = {
        (method.text, path.get_attribute("textContent").replace("\u200b", ""))
        for method, path in zip(methods, paths, strict=True)
    }
    assert shown == operations_of(app)
    assert try_predict(browser) == "200"
    controls = browser.find_all("#api :is(input, select, textarea)")
    names = [control.accessible_name for control in controls]
    assert {"explain", "Examples: explain", "Request body", "Examples: Request body"} <= set(names)
    assert "" not in names
    for dark in (True, False):
        browser.set_dark(dark)
        browser.wait_for_paint()
        ground = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is not dark
    link = browser.driver.find_element(By.LINK_TEXT, "Start page")
    assert link.get_attribute("href") == f"{service.url}/"


@pytest.mark.browser
def test_with_keys_the_page_asks_for_a_key_and_sends_it(browser, guarded):
    browser.expected = {"status of 401"}
    browser.driver.get(f"{guarded.url}/docs")
    field = seen(browser, "#key")
    assert field == browser.driver.switch_to.active_element
    assert field.accessible_name == "API key"
    field.send_keys("wrong", Keys.ENTER)
    browser.wait(lambda: "none of" in browser.text("#key-hint"))
    assert browser.run("return sessionStorage.length") == 0
    field.send_keys("right-key", Keys.ENTER)
    seen(browser, ".opblock")
    assert not field.is_displayed()
    assert try_predict(browser) == "200"
    assert browser.run("return sessionStorage['churn-api-key']") == "right-key"
    assert browser.run("return localStorage.length") == 0
