"""axe-core and Lighthouse for the tests, installed by make test-page-quality, and their findings on a page.

Where one of them is missing its tests are skipped; with QUALITY_TESTS=required they fail.
"""

import json
import os
import shutil
import subprocess
from functools import cache

import pytest

from tests.browser import CHROMIUM, FLAGS, Browser
from tests.customers import PROJECT

NODE_MODULES = PROJECT / ".quality" / "node_modules"
LEFT_OUT = (
    "the page's quality tests were left out: no {} here (make test-page-quality installs axe-core and Lighthouse, "
    "with Node.js and npm; apt-get install chromium chromium-driver)"
)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""The rules of axe-core that are checked: all of WCAG 2.0, 2.1 and 2.2 at levels A and AA, and good practice.
(No rule of axe-core is new in WCAG 2.2 at level A.)"""

_AXE = NODE_MODULES / "axe-core" / "axe.min.js"
_LIGHTHOUSE = NODE_MODULES / ".bin" / "lighthouse"
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def need_quality() -> None:
    """Skip a module of tests where an instrument is missing, or fail it where the instruments are required."""
    there = {
        "axe-core": _AXE.exists(),
        "lighthouse": _LIGHTHOUSE.exists(),
        "node": shutil.which("node") is not None,
        "chromium": CHROMIUM is not None,
    }
    missing = " and no ".join(name for name, is_there in there.items() if not is_there)
    if missing and os.environ.get("QUALITY_TESTS") == "required":
        pytest.fail(LEFT_OUT.format(missing), pytrace=False)
    if missing:
        pytest.skip(LEFT_OUT.format(missing), allow_module_level=True)


@cache
def _read_axe() -> str:
    return _AXE.read_text(encoding="utf-8")


def run_axe(browser: Browser) -> dict[str, list[str]]:
    """axe-core's findings on the page in its current state: `violations`, and `incomplete`, which it can't decide.

    The script is injected by the browser's debugger, which a page's Content-Security-Policy does not restrict. Each
    finding is a line: the rule, the element, the fault.
    """
    if not browser.run("return 'axe' in window"):
        browser.run(_read_axe())
    found = browser.run("return axe.run(document, { runOnly: arguments[0], resultTypes: ['violations'] })", TAGS)
    return {
        kind: [_word_finding(rule["id"], node) for rule in found[kind] for node in rule["nodes"]]
        for kind in ("violations", "incomplete")
    }


def _word_finding(rule: str, node: dict) -> str:
    checks = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{rule}: {' '.join(map(str, node['target']))}: {checks[0]}"


def run_lighthouse(url: str) -> tuple[dict[str, float], list[str]]:
    """Lighthouse's scores of an address on a slow phone, 0 to 1, and the audits that lower them."""
    command = [
        _LIGHTHOUSE,
        url,
        "--quiet",
        "--output=json",
        "--no-enable-error-reporting",
        "--disable-full-page-screenshot",
    ]
    command += [f"--only-categories={','.join(_CATEGORIES)}", f"--chrome-flags={' '.join(FLAGS)}"]
    environ = os.environ | {"CHROME_PATH": str(CHROMIUM)}
    finished = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout)
    lowering = [
        f"{reference['id']}: {audit['score']} {audit.get('displayValue', '')}"
        for category in report["categories"].values()
        for reference in category["auditRefs"]
        if reference["weight"] and (audit := report["audits"][reference["id"]])["score"] not in (None, 1)
    ]
    return {name: report["categories"][name]["score"] for name in _CATEGORIES}, lowering
