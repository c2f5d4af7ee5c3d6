"""README against the code, both ways: commands, routes, settings, limits, and its curl's answer."""

import json
import re
import subprocess

import pytest

from churn.server.settings import read_settings
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.web import answers, bodies
from tests.customers import GOOD, PROJECT

README = (PROJECT / "README.md").read_text()
MAKEFILE = (PROJECT / "Makefile").read_text()


class Recorder(dict):
    """An empty environment that keeps which variables were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return default


def test_the_settings_table_is_what_the_code_reads():
    environ = Recorder()
    defaults = read_settings(environ)
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))
    assert set(rows) == environ.asked | {"WEB_CONCURRENCY"}  # which gunicorn reads
    assert rows["MODEL_FILE"] == f"`{defaults.model_file}`"
    assert rows["MAX_CONTENT_LENGTH"] == str(defaults.max_content_length_bytes)
    assert rows["LOG_LEVEL"] == f"`{defaults.log_level}`"
    assert rows["PORT"] == str(defaults.port)
    sources = [path.read_text() for path in (PROJECT / "churn").rglob("*.py")] + [
        (PROJECT / name).read_text() for name in ("predict.py", "gunicorn.conf.py")
    ]
    past_the_settings = re.compile(r"os\.environ\[.*?\]|getenv|from os import")
    direct = [found for source in sources for found in past_the_settings.findall(source)]
    assert direct == ['os.environ["PROMETHEUS_MULTIPROC_DIR"]']  # which gunicorn.conf.py sets for its workers


def test_the_routes_table_is_what_the_app_serves(app):
    documented = set(re.findall(r"^\| `(GET|POST) (/[a-z/<>.]*)`", README, re.MULTILINE))
    served = {
        (method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_the_make_targets_in_the_readme_are_the_makefiles():
    targets = set(re.findall(r"^([a-z-]+):.*?##", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"^\| `make ([a-z-]+)`", README, re.MULTILINE)) == targets
    assert set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()) == targets
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^make ([a-z-]+) ", listed, re.MULTILINE)) == targets


def test_the_options_of_train_py_are_its_own(capsys):
    import train

    with pytest.raises(SystemExit):
        train.parse(["--help"])
    offered = set(re.findall(r"--[A-Za-z]+", capsys.readouterr().out)) - {"--help"}
    usage = re.search(r"`python train\.py (.*?)`", README)[1]
    assert set(re.findall(r"--[A-Za-z]+", usage)) == offered
    assert usage in " ".join((train.__doc__ or "").split())


def test_the_campaign_earns_what_the_readme_shows(tmp_path, capsys):
    import train

    arguments, shown = re.search(
        r"bin/python train\.py (--value .*?)\n\.\.\.\n(.*?)\.\.\.\n```", README, re.DOTALL
    ).groups()
    train.main([*arguments.split(), "--output", str(tmp_path / "model.bin")])
    assert shown in capsys.readouterr().out


def test_the_first_curl_gets_the_answer_that_the_readme_shows(client):
    body, answer = re.search(r"/predict -H \S+ \S+ -d '(\{.*?\})'\n(\{.*?\})\n", README, re.DOTALL).groups()
    assert json.loads(body) == GOOD
    response = client.post("/predict", data=body, content_type="application/json")
    assert response.text == answer


def test_the_explained_curl_gets_the_answer_that_the_readme_shows(client):
    path, body, answer = re.search(
        r"9696(/predict\?\S+)' -H \S+ \S+ -d '(\{.*?\})'\n(\{.*?)```", README, re.DOTALL
    ).groups()
    response = client.post(path, data=body, content_type="application/json")
    assert response.text == answer.replace("\n", "")


def test_the_csv_curl_scores_the_shipped_table(client):
    content_type, path = re.search(r"-H 'Content-Type: (text/csv)' --data-binary @(\S+)", README).groups()
    response = client.post("/predict", data=(PROJECT / path).read_bytes(), content_type=content_type)
    assert response.text.splitlines()[0].endswith("Churn,churn_probability,predicted_churn")


def test_the_refused_curl_gets_the_answer_that_the_readme_shows(client):
    body, answer = re.search(r"-d '(\[.*?\])'\n(.*?)```", README, re.DOTALL).groups()
    whole = client.post("/predict", data=body, content_type="application/json").text
    for part in answer.split("...\n"):
        assert part.strip() in whole


def test_the_limits_are_the_codes():
    text = re.sub(r"\s+", " ", README)
    assert f"{bodies.MAX_CUSTOMERS:,} customers" in text
    assert f"{bodies.MAX_VALUES:,} values" in text
    assert f"{bodies.MAX_CONTAINERS:,} objects and arrays" in text
    assert f"{bodies.MAX_CUSTOMER_BYTES // 1024} KiB for one customer" in text
    assert bodies.MAX_CUSTOMER_BYTES == MAX_ROW_CHARACTERS
    assert f"{answers.MAX_REASONS:,} reasons" in text


def test_every_file_that_the_readme_links_is_there():
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (PROJECT / path).exists(), path


def test_the_statuses_of_the_readme_are_those_of_the_cases():
    documented = set(re.findall(r"\b4\d\d\b", " ".join(re.findall(r"^\| (4.*?) \|", README, re.MULTILINE))))
    assert documented == {"400", "401", "404", "405", "413", "415", "422"}


def test_data_readme_gives_the_tables_sha256_and_rows():
    import hashlib

    from tests.customers import CSV, RAW_CUSTOMERS

    text = (CSV.parent / "README.md").read_text()
    assert hashlib.sha256(CSV.read_bytes()).hexdigest() in text
    assert f"{len(RAW_CUSTOMERS):,}" in text
