"""What a newcomer, a contributor and GitHub read: the workflow, the papers at the top, the glossary."""

import re
from datetime import date

import pytest
import yaml

from churn import __version__
from tests.customers import PROJECT
from tests.readme import README

WORKFLOW = yaml.safe_load((PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
PAPERS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "data/README.md"]
PAGES = [*PAPERS, *sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / "docs").glob("*.md"))]


def read(name):
    return (PROJECT / name).read_text(encoding="utf-8")


def heading_anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", outside, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page):
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", read(page)):
        target = (PROJECT / page).parent / path if path else PROJECT / page
        assert target.exists(), path
        if anchor and target.suffix == ".md":
            assert anchor in heading_anchors(target.read_text(encoding="utf-8")), (path, anchor)


def test_the_readme_leads_to_each_paper():
    assert set(re.findall(r"\]\(([^)#]+)\)", README)) >= {
        "LICENSE",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/README.md",
        "docs/glossary.md",
        "data/README.md",
    }


def test_the_readme_is_a_screen_and_a_half():
    assert len(README.splitlines()) <= 110


def test_the_index_of_the_docs_leads_to_each_page():
    pages = {path.name for path in (PROJECT / "docs").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([^)#/]+)\)", read("docs/README.md"))) == pages


def test_the_make_targets_that_contributing_names_are_the_makefiles():
    targets = set(re.findall(r"^([a-z-]+):.*?##", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)`", read("CONTRIBUTING.md")))
    assert {"install", "test-fast", "test"} <= named <= targets


def test_contributing_gives_the_time_that_the_makefile_gives():
    (minutes,) = re.findall(r"^test: .*; (\d+ minutes on two cores)$", read("Makefile"), re.MULTILINE)
    assert minutes in read("CONTRIBUTING.md")


def test_the_changelog_has_unreleased_changes_and_then_each_version_with_its_date():
    unreleased, *released = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    assert unreleased == "[Unreleased]"
    versions, dates = zip(
        *(re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (.*)", heading).groups() for heading in released), strict=True
    )
    assert versions[0] == __version__
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert numbers == sorted(set(numbers), reverse=True)
    days = [date.fromisoformat(day) for day in dates]
    assert days == sorted(days, reverse=True)
    assert [day.isoformat() for day in days] == list(dates)  # 20261126 is an ISO date to Python, too


def test_the_changelog_has_the_kinds_of_changes_of_keep_a_changelog_once_in_each_version():
    kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for version in read("CHANGELOG.md").split("\n## ")[1:]:
        found = re.findall(r"^#{1,6} (.*)$", version, re.MULTILINE)
        assert found == [kind for kind in kinds if kind in found]
        assert re.findall(r"^### (.*)$", version, re.MULTILINE) == found


def test_a_change_takes_two_lines_at_most():
    changes = re.findall(r"^- .*(?:\n  .*)*", read("CHANGELOG.md"), re.MULTILINE)
    assert changes
    assert [change for change in changes if change.count("\n") > 1 or max(map(len, change.splitlines())) > 140] == []


def test_the_glossary_has_ten_words_in_alphabetical_order():
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", read("docs/glossary.md"), re.MULTILINE)
    assert len(words) == 10
    assert words == sorted(words)


def test_the_workflow_runs_what_must_pass_on_each_python_that_is_supported():
    (job,) = WORKFLOW["jobs"].values()
    pythons = job["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert f'"py{pythons[0].replace(".", "")}"' in read("pyproject.toml")
    assert any(f"FROM python:{python}." in read("Dockerfile") for python in pythons)
    assert job["steps"][-1] == {"run": ".ci/run"}
    setup = next(step for step in job["steps"] if "setup-python" in step.get("uses", ""))
    assert setup["with"] == {"python-version": "${{ matrix.python }}"}


def test_the_workflow_may_only_read_and_hands_no_token_to_the_tests():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    (job,) = WORKFLOW["jobs"].values()
    assert "permissions" not in job
    checkout = next(step for step in job["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"] == {"persist-credentials": False}
    assert "secrets" not in read(".github/workflows/ci.yml")


def test_the_workflow_uses_githubs_own_actions_of_a_pinned_major_version():
    (job,) = WORKFLOW["jobs"].values()
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", name) for name in used), used


def test_the_workflow_keeps_the_downloads_of_pip_and_npm_by_what_is_locked():
    (job,) = WORKFLOW["jobs"].values()
    cache = next(step["with"] for step in job["steps"] if "actions/cache" in step.get("uses", ""))
    assert cache["path"].split() == ["~/.cache/pip", "~/.cache/pipenv", "~/.npm"]
    for pattern in re.findall(r"'([^']+)'", cache["key"]):
        assert list(PROJECT.glob(pattern)), pattern
