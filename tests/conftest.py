"""What the tests share: small fitted models, their apps, and a browser. Each fixture imports what it needs."""

import os
from pathlib import Path

import pytest

# Before NumPy loads, as in train.py: the number of threads that add up a sum decides its last digits.
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

from churn.model.file import Model, load_model
from churn.model.pair import card_path
from churn.server.served_model import ServedModel
from tests.customers import CSV, PROJECT


@pytest.fixture(scope="session")
def shipped() -> Model:
    """The model that the project ships."""
    return load_model(PROJECT / "model_C=1.0.bin")


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory) -> Path:
    """The first 400 customers, with their labels."""
    path = tmp_path_factory.mktemp("table") / "small.csv"
    path.write_text("".join(CSV.read_text(encoding="utf-8").splitlines(keepends=True)[:401]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_pair(small_csv, tmp_path_factory) -> Path:
    """A model file with its card, trained on the small table. Tests must not change it: see `pair`."""
    import train  # imports pandas and scikit-learn

    path = tmp_path_factory.mktemp("model") / "small.bin"
    train.main([str(small_csv), "--shapes", "none", "--output", str(path)])
    return path


@pytest.fixture
def pair(small_pair, tmp_path) -> Path:
    """The small model file and its card, in the test's own folder."""
    path = tmp_path / "model.bin"
    path.write_bytes(small_pair.read_bytes())
    card_path(path).write_bytes(card_path(small_pair).read_bytes())
    return path


@pytest.fixture(scope="session")
def served(shipped) -> ServedModel:
    """The shipped model in the form that an app takes. It is never swapped."""
    return ServedModel(shipped.path)


@pytest.fixture
def app(served):
    from tests.apps import make_app

    return make_app(served)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    from tests.browser import need_browser, open_browser

    need_browser()
    with open_browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture
def browser(chromium, tmp_path):
    """Chromium in its initial state. At the end of the test its console must have stayed silent."""
    chromium.begin(tmp_path)
    yield chromium
    assert chromium.console() == []


_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture
def measured(pytestconfig) -> list[str]:
    """Figures to print at the end of the run; the tests that measure them assert on them."""
    return pytestconfig.stash.setdefault(_MEASURED, [])


_ALONE = pytest.StashKey[set[Path]]()


@pytest.fixture
def files_of_servers_and_browsers(pytestconfig) -> set[Path]:
    """The files of all collected tests that need a server or a browser, including tests that -m deselects."""
    return pytestconfig.stash[_ALONE]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[_ALONE] = {
        test.path for test in items if test.get_closest_marker("server") or test.get_closest_marker("browser")
    }


def pytest_terminal_summary(terminalreporter, config):
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(reason for reason in skipped if "tests were left out" in reason):
        terminalreporter.write_line(reason.removeprefix("Skipped: "))
    for figure in config.stash.get(_MEASURED, []):
        terminalreporter.write_line(f"measured: {figure}")
