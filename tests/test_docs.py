"""GET /docs: its files and headers over the Flask client, and the page itself in a real browser."""

import pytest
from browser import browser  # noqa: F401 (a fixture)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from serving import Server

from churn.web.docs import find_assets


def test_the_page_runs_no_script_but_files_of_this_service(client):
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


TYPES = {"css": "text/css", "js": "text/javascript", "png": "image/png"}


def test_every_file_that_the_page_names_is_there(client):
    page = client.get("/docs").text
    assert {name for name in find_assets() if f'"/docs/{name}"' in page} == set(find_assets())
    for name in find_assets():
        with client.get(f"/docs/{name}") as response:
            assert response.status_code == 200
            assert response.mimetype == TYPES[name.rpartition(".")[2]]
            assert len(response.data) > 500


@pytest.mark.parametrize(
    "name",
    [
        "index.css",
        "LICENSE",
        "oauth2-redirect.html",
        "swagger-ui.js",
        "../docs.py",
        "..%2fdocs.py",
        "static/docs.js",
        "",
    ],
)
def test_no_other_file_is_served(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


def test_a_file_is_asked_for_each_time_and_sent_once(client):
    with client.get("/docs/docs.js") as first:
        assert first.headers["Cache-Control"] == "no-cache"
    with client.get("/docs/docs.js", headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "no-cache"
    with client.get("/docs/docs.css", headers={"If-None-Match": first.headers["ETag"]}) as other:
        assert other.status_code == 200


def wait_for(browser, selector: str):  # noqa: F811
    """The first element that a selector finds and that is seen, when there is one."""
    return WebDriverWait(browser, 30).until(
        lambda _: next((one for one in browser.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()), None)
    )


def try_predict(browser) -> str:  # noqa: F811
    """What the page shows for the example customer after "Try it out": the status of the answer."""
    wait_for(browser, "#operations-scoring-predict .opblock-summary-control").click()
    wait_for(browser, ".try-out__btn").send_keys(Keys.ENTER)
    wait_for(browser, ".execute").send_keys(Keys.ENTER)
    answer = wait_for(browser, ".live-responses-table")
    assert '"churn_probability"' in answer.text
    return wait_for(browser, ".live-responses-table tbody .response-col_status").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_every_operation_and_the_example_is_answered(browser, tmp_path, app, scheme):  # noqa: F811
    operations = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    with Server(tmp_path / "log") as server:
        browser.get(f"{server.url}/docs")
        wait_for(browser, ".opblock")
        shown = {
            tuple(one.get_attribute("textContent").replace("\u200b", "") for one in block)
            for block in zip(
                browser.find_elements(By.CSS_SELECTOR, ".opblock-summary-method"),
                browser.find_elements(By.CSS_SELECTOR, ".opblock-summary-path"),
                strict=True,
            )
        }
        assert shown == operations
        assert try_predict(browser).split()[0] == "200"
        ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
        assert browser.get_log("browser") == []
        link = browser.find_element(By.LINK_TEXT, "Start page")
        assert link.get_attribute("href") == f"{server.url}/"


def test_with_keys_the_page_asks_for_one_and_sends_it(browser, tmp_path):  # noqa: F811
    with Server(tmp_path / "log", API_KEY="the-key") as server:
        browser.get(f"{server.url}/docs")
        field = wait_for(browser, "#key")
        assert field == browser.switch_to.active_element
        assert field.accessible_name == "API key"
        field.send_keys("wrong", Keys.ENTER)
        WebDriverWait(browser, 30).until(lambda _: "none of" in browser.find_element(By.ID, "key-hint").text)
        assert browser.execute_script("return sessionStorage.length") == 0
        field.send_keys("the-key", Keys.ENTER)
        wait_for(browser, ".opblock")
        assert not field.is_displayed()
        assert try_predict(browser).split()[0] == "200"
        assert browser.execute_script("return sessionStorage['churn-api-key']") == "the-key"
        assert browser.execute_script("return localStorage.length") == 0
        told = [entry["message"] for entry in browser.get_log("browser")]
        assert [("401" in message, "/openapi.json" in message) for message in told] == [(True, True)] * 2
