"""ops/prometheus: each alert fires and does not fire as its tests require, and uses only what the real service shows.

Where promtool is missing its tests are skipped; with PROMTOOL_TESTS=required they fail.
"""

import os
import re
import shutil
import subprocess

import pytest
import requests
import yaml

from tests.customers import GOOD, PROJECT
from tests.serving import Server, samples

PROMETHEUS = PROJECT / "ops/prometheus"
MONITORING = (PROJECT / "docs/monitoring.md").read_text()
GROUPS = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
OF_PROMETHEUS = {"up"}
LABELS_OF_PROMETHEUS = {"job", "instance"}
NO_METRICS = {"sum", "max", "rate", "increase", "absent", "histogram_quantile", "and", "or", "by", "on", "group_left"}
LEFT_OUT = "the tests of the alerts were left out: no promtool here (apt-get install prometheus)"


def run_promtool(*arguments: str) -> None:
    """Run a check of promtool; fail with its output if it finds a fault."""
    promtool = shutil.which("promtool")
    if not promtool:
        (pytest.fail if os.environ.get("PROMTOOL_TESTS") == "required" else pytest.skip)(LEFT_OUT)
    finished = subprocess.run(
        [promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize(("setting", "ending"), [("", pytest.skip.Exception), ("required", pytest.fail.Exception)])
def test_without_promtool_these_tests_are_skipped_or_fail_where_they_are_required(monkeypatch, setting, ending):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("PROMTOOL_TESTS", setting)
    with pytest.raises(ending, match="no promtool here"):
        run_promtool("--version")


def test_the_alerts_fire_and_do_not_fire_as_their_tests_require():
    run_promtool("test", "rules", "rules_test.yml")


def test_prometheus_accepts_the_rules_and_the_configuration():
    run_promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yml")
    run_promtool("check", "config", "prometheus.yml")


def test_each_alert_is_tested_firing_and_not_firing():
    fires, rests = set(), set()
    for case in yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())["tests"]:
        for asked in case["alert_rule_test"]:
            (fires if asked.get("exp_alerts") else rests).add(asked["alertname"])
    assert fires == rests == set(ALERTS)


def check_expression(expression: str, shown: dict[str, dict[str, set[str]]]) -> None:
    """Fail if an expression uses a metric, a label or a label's value that is not shown.

    `shown` has the labels of each sample by its name, and the values of each label.
    """
    known = {label for labels in shown.values() for label in labels} | LABELS_OF_PROMETHEUS
    for labels in re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expression):
        assert set(re.findall(r"\w+", labels)) <= known, labels
    bare = re.sub(r"\b(?:by|on|group_left)\s*\([^)]*\)|\[[^]]*\]", "", expression)
    for name, matchers in re.findall(r"(?<![\w.:\"])([a-zA-Z_:][\w:]*)(\{[^}]*\})?", re.sub(r"\b\d\w*", "", bare)):
        if name in NO_METRICS:
            continue
        assert name in shown.keys() | RECORDED | OF_PROMETHEUS, name
        for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', matchers):
            if label not in LABELS_OF_PROMETHEUS:
                assert label in shown.get(name, {}), f"{name}: {label}"
                assert operator != "=" or value in shown[name][label], f"{name}: {label}={value}"


SHOWN = {"asked_total": {"route": {"/there"}}, "plain": {}}


def test_an_expression_with_metrics_that_are_shown_passes():
    check_expression('sum by (job, route) (rate(asked_total{route="/there", job="x"}[5m])) > 0.5 and plain', SHOWN)


@pytest.mark.parametrize(
    "wrong",
    [
        'rate(asket_total{route="/there"}[5m])',
        'rate(asked_total{rute="/there"}[5m])',
        'rate(asked_total{route="/their"}[5m])',
        'plain{route="/there"}',
        "sum by (rout) (rate(asked_total[5m]))",
        "plain / on (jobb) group_left () asked_total",
        "plain > 0.5 * missing",
    ],
)
def test_an_expression_with_a_metric_a_label_or_a_value_that_is_not_shown_is_detected(wrong):
    with pytest.raises(AssertionError):
        check_expression(wrong, SHOWN)


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> dict[str, dict[str, set[str]]]:
    """The samples of the real service after it has answered enough customers: the labels of each by its name, and the
    values of each label.
    """
    found: dict[str, dict[str, set[str]]] = {}
    with Server(tmp_path_factory.mktemp("rules") / "log.txt") as server:
        for customer in ([GOOD] * 60, GOOD | {"tenure": -1}):
            requests.post(f"{server.url}/predict", json=customer, timeout=5)
        for name, *labels in samples(requests.get(f"{server.url}/metrics", timeout=5).text):
            found.setdefault(name, {})
            for label, value in labels:
                found[name].setdefault(label, set()).add(value)
    return found


@pytest.mark.server
def test_every_metric_label_and_value_in_the_rules_is_shown_by_the_real_service(shown):
    known = {label for labels in shown.values() for label in labels} | LABELS_OF_PROMETHEUS
    for rule in RULES:
        check_expression(rule["expr"], shown)
        words = " ".join(rule.get("annotations", {}).values())
        assert set(re.findall(r"\$labels\.(\w+)", words)) <= known


@pytest.mark.server
def test_the_guide_has_every_figure_that_the_real_service_shows_and_no_other(shown):
    metrics = {re.sub("_(bucket|sum|count)$", "", name) for name in shown if not name.endswith("_created")}
    metrics_part = MONITORING.partition("### What is expected")[0]  # the part after it has the members of GET /drift
    rows = re.findall(r"^\| `((?:churn|process)_\w+)(?:\{(.*?)\})?` \|", metrics_part, re.MULTILINE)
    assert {name for name, _ in rows} == metrics
    for name, labels in rows:
        sample = name if name in shown else f"{name}_count"
        assert set(labels.split(",") if labels else []) == set(shown[sample]), name


def test_the_guide_has_a_part_for_each_alert_where_its_runbook_points():
    headings = re.findall(r"^### (\w+)$", MONITORING, re.MULTILINE)
    assert headings == list(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
