"""The files of a deployment agree: check-deploy.py on real repositories; Dockerfile, .ebextensions and nginx."""

import fnmatch
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
import yaml

from churn import __version__
from churn.server.settings import read_settings
from tests.customers import PROJECT
from tests.house import NOT_SERVED, imports
from tests.pairs import edit_card

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
NGINX = (PROJECT / ".platform/nginx/conf.d/churn.conf").read_text()
DEPLOYED = ("Dockerfile", ".dockerignore", ".ebignore", "Pipfile", "Pipfile.lock", "predict.py", "gunicorn.conf.py")
OPTIONS = {
    (namespace, name): value
    for path in sorted((PROJECT / ".ebextensions").glob("*.config"))
    for namespace, options in yaml.safe_load(path.read_text())["option_settings"].items()
    for name, value in options.items()
}
PROCESS, TRIGGER = "aws:elasticbeanstalk:environment:process:default", "aws:autoscaling:trigger"


def git(folder, *arguments, **environ):
    identity = ["-c", "user.name=ops", "-c", "user.email=ops@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=os.environ | environ, check=True, capture_output=True
    )


@pytest.fixture
def repository(tmp_path):
    """The files of a deployment, committed in their own repository."""
    for name in (*DEPLOYED, "check-deploy.py", ".gitignore", "model_C=1.0.bin", "model_C=1.0.json"):
        shutil.copy(PROJECT / name, tmp_path)
    for name in ("churn", ".ebextensions", ".platform"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(folder, **environ):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "what is deployed", **environ)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def check(folder):
    """Exit status of check-deploy.py, its problems by name, and all its output. -S: it must not need installed
    packages.

    It runs without Python's own variables, as for an operator who has set none.
    """
    command = [sys.executable, "-S", str(folder / "check-deploy.py")]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    finished = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert finished.stderr == ""
    problems = dict(re.findall(r"^problem +(\w+): (.*)$", finished.stdout, re.MULTILINE))
    return finished.returncode, problems, finished.stdout


def test_a_clean_commit_is_ready(repository):
    status, problems, said = check(repository)
    assert (status, problems) == (0, {}), said
    assert said.endswith("ready: eb deploy\n")


def test_checking_changes_nothing_in_the_folder_or_in_its_git(repository):
    def files():
        return {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}

    os.utime(repository / "Dockerfile", (0, 0))  # another time than the one in git's index
    before = files()
    status, _, said = check(repository)
    assert status == 0, said
    assert files() == before


@pytest.mark.parametrize("name", ["predict.py", "churn/model/scoring.py", "new.py"])
def test_uncommitted_changes_are_a_problem(repository, name):
    with (repository / name).open("a") as file:
        file.write("# one more line\n")
    status, problems, _ = check(repository)
    assert status == 1
    assert problems.keys() == {"commit"}
    assert name in problems["commit"]


CHANGES = {
    "another model's card": ("model_C=1.0.json", '"model_sha256": "', '"model_sha256": "0', "model"),
    "a Pipfile newer than its lock": ("Pipfile", 'flask = "~=3.1.3"', 'flask = "~=3.0"', "lock"),
    "two Pythons": (
        "Dockerfile",
        "FROM python:3.13.14-slim-trixie AS build",
        "FROM python:3.12-slim AS build",
        "python",
    ),
    "a Python that the lock excludes": ("Dockerfile", "FROM python:3.13", "FROM python:3.9", "python"),
    "a lock for another Python": (
        "Pipfile.lock",
        '"requires": {}',
        '"requires": {"python_version": "3.12"}',
        "python",
    ),
    "a file that eb leaves out": (".ebignore", "!/gunicorn.conf.py\n", "", "image"),
    "another EXPOSE": ("Dockerfile", "EXPOSE 9696", "EXPOSE 8000", "port"),
    "another bind": ("gunicorn.conf.py", "{_settings.port}", "8000", "port"),
    "a health path that isn't served": (".ebextensions/health.config", "Path: /ready", "Path: /healthz", "health"),
    "nginx's own body limit": (".platform/nginx/conf.d/churn.conf", "client_max_body_size 10m", "#", "body"),
    "another body limit": (".platform/nginx/conf.d/churn.conf", "size 10m", "size 1m", "body"),
}


@pytest.mark.parametrize(("name", "old", "new", "problem"), CHANGES.values(), ids=CHANGES.keys())
def test_a_commit_that_disagrees_with_itself_is_a_problem(repository, name, old, new, problem):
    change(repository / name, old, new)
    commit(repository)
    status, problems, said = check(repository)
    assert (status, problems.keys()) == (1, {problem}), said


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (r'"churn_rate": 0\.26', lambda found: '"churn_rate": 0.27'),
        (r'"threshold": 0\.5', lambda found: '"threshold": 0.4'),
        (r'"model_sha256": "\w', lambda found: found[0][:-1] + ("8" if found[0][-1] == "9" else "9")),
        (r'(?<="card_sha256": ")\w+', lambda found: found[0].upper()),
        (r'{\n  "card_sha256"', lambda found: '{"a": 1,\n  "card_sha256"'),
    ],
    ids=["churn_rate", "threshold", "model_sha256", "card_sha256", "member"],
)
def test_a_changed_card_is_a_problem_that_comes_with_its_remedy(repository, pattern, new):
    card = repository / "model_C=1.0.json"
    text = card.read_text()
    changed = re.sub(pattern, new, text, count=1)
    assert changed != text
    card.write_text(changed)
    commit(repository)
    _, problems, _ = check(repository)
    assert "was changed after it was written: put it back, or make it again" in problems["model"]
    assert "CHURN_THRESHOLD" in problems["model"]


def test_a_card_from_before_there_were_seals_is_compared_with_its_model(repository):
    edit_card(repository / "model_C=1.0.bin")
    commit(repository)
    assert check(repository)[1] == {}
    edit_card(repository / "model_C=1.0.bin", model_sha256="0" * 64)
    commit(repository)
    assert "is the card of another model" in check(repository)[1]["model"]


def test_no_checkout_changes_a_byte_of_any_file(repository, tmp_path_factory):
    (repository / "data").mkdir()
    shutil.copy(PROJECT / "data/telco-churn.csv", repository / "data")
    commit(repository)
    shutil.copy(PROJECT / ".gitattributes", repository)
    commit(repository)
    clone = tmp_path_factory.mktemp("clone") / "windows"
    git(repository, "clone", "--quiet", "-c", "core.autocrlf=true", str(repository), str(clone))
    tracked = subprocess.check_output(["git", "ls-files"], cwd=clone, text=True).splitlines()
    assert {"predict.py", "data/telco-churn.csv", "model_C=1.0.bin", "model_C=1.0.json"} <= set(tracked)
    for name in tracked:
        assert (clone / name).read_bytes() == (PROJECT / name).read_bytes(), name


def test_binary_files_are_declared_binary_and_no_text_has_another_line_end():
    listed = subprocess.check_output(["git", "ls-files", "--eol"], cwd=PROJECT, text=True).splitlines()
    for line in listed:
        ends, name = line.split("\t")
        index, _, *attributes = ends.split()
        assert index in ("i/lf", "i/none", "i/-text"), name
        if index == "i/-text":
            assert "attr/-text" in attributes, f"{name}: name its kind in .gitattributes"


def commit_another_model(repository, *, days_later: int):
    """Commit a model with another name, some days after the one that is served; 0 puts both in one commit."""
    for suffix in (".bin", ".json"):
        shutil.copy(repository / f"model_C=1.0{suffix}", repository / f"model_C=0.5{suffix}")
    if days_later == 0:
        shutil.rmtree(repository / ".git")
        git(repository, "init", "--quiet")
    date = f"@{int(time.time()) + days_later * 86_400} +0000"
    commit(repository, GIT_COMMITTER_DATE=date)


def test_it_reports_which_model_is_deployed(repository):
    _, _, said = check(repository)
    version = hashlib.sha256((PROJECT / "model_C=1.0.bin").read_bytes()).hexdigest()[:12]
    assert f"ok       model: model_C=1.0.bin and its card are a pair, version {version}, threshold 0.5\n" in said
    assert "warning" not in said


def test_the_threshold_that_it_reports_is_the_one_that_is_deployed(repository):
    change(repository / ".ebextensions/fleet.config", "    WEB_CONCURRENCY: 2", '    CHURN_THRESHOLD: "0.25"')
    commit(repository)
    status, _, said = check(repository)
    assert (status, "threshold 0.25, by CHURN_THRESHOLD" in said) == (0, True), said


@pytest.mark.parametrize(("days_later", "warns"), [(1, True), (0, False), (-1, False)])
def test_a_newer_model_next_to_the_one_that_is_deployed_is_a_warning(repository, days_later, warns):
    commit_another_model(repository, days_later=days_later)
    status, problems, said = check(repository)
    assert (status, problems) == (0, {}), said
    assert ("warning  model: model_C=0.5.bin is newer than model_C=1.0.bin, which is deployed" in said) is warns


def test_for_a_model_without_a_card_it_reports_what_the_model_needs(repository):
    git(repository, "rm", "--quiet", "model_C=1.0.json")
    commit(repository)
    status, problems, _ = check(repository)
    assert status == 1
    assert "model_C=1.0.bin has no card: " in problems["model"]
    assert "python -m churn adopt 'model_C=1.0.bin' --table TABLE" in problems["model"]
    change(repository / "Dockerfile", " model_C=1.0.json", "")
    change(repository / ".ebignore", "!/model_C=1.0.json\n", "")
    commit(repository)
    status, problems, said = check(repository)
    assert (status, problems) == (0, {}), said
    assert "model_C=1.0.bin has no card, version" in said


def test_the_image_can_be_built_from_a_mirror_of_pypi_and_without_one_from_pypi_itself():
    build = DOCKERFILE.split("\nFROM ")[1]
    assert build.index("\nARG PIP_INDEX_URL\n") < build.index("\nARG PIP_TRUSTED_HOST\n") < build.index("RUN ")
    (command,) = re.findall(r"^RUN (VIRTUAL_ENV=.*)$", build, re.MULTILINE)
    command = command.replace("/pipenv/bin/pipenv", "echo")
    for environ, expected in (
        ({}, "install --deploy\n"),
        ({"PIP_INDEX_URL": "https://a.example/simple"}, "install --deploy --pypi-mirror https://a.example/simple\n"),
    ):
        assert subprocess.check_output(["sh", "-c", command], env=environ, text=True) == expected


def test_a_model_that_git_ignores_is_a_problem(repository):
    git(repository, "rm", "--quiet", "--cached", "model_C=1.0.bin")
    with (repository / ".gitignore").open("a") as file:
        file.write("*.bin\n")
    commit(repository)
    _, problems, _ = check(repository)
    assert problems.keys() == {"model", "image"}


def test_a_folder_without_git_is_a_problem(repository):
    shutil.rmtree(repository / ".git")
    status, problems, _ = check(repository)
    assert status == 1
    assert {"commit", "model", "image"} <= problems.keys()


def patterns(name):
    lines = [line for line in (PROJECT / name).read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"  # a list of the files that go in, not of those that stay out
    return [line.replace("/", "", 1) if re.match(r"!?/", line) else line for line in lines[1:]]


def goes(path, lines):
    """True if an allow-list of patterns takes a path; the last line that matches decides."""
    taken = False
    for line in lines:
        pattern = line.removeprefix("!")
        if fnmatch.fnmatch(path, pattern.replace("**/", "*")) or path.startswith(f"{pattern}/"):
            taken = line.startswith("!")
    return taken


def test_the_image_and_the_bundle_have_all_that_serving_imports_and_nothing_of_training():
    needed, found = {"predict.py", "gunicorn.conf.py", "churn/__main__.py"}, set()
    while needed:
        path = needed.pop()
        found.add(path)
        ours = {name.replace(".", "/") for name in imports(PROJECT / path) if name.startswith("churn.")}
        ours = {name for name in ours if name.split("/")[1] not in NOT_SERVED}  # `score` only where it is
        needed |= {f"{name}.py" for name in ours if (PROJECT / f"{name}.py").exists()} - found
    assert "churn/server/settings.py" in found
    for name in (".dockerignore", ".ebignore"):
        lines = patterns(name)
        assert {path for path in found if not goes(path, lines)} == set()
        assert not any(goes(path, lines) for path in ("train.py", "tests/conftest.py", "examples/score_spark.py"))
        papers = ("LICENSE", "CONTRIBUTING.md", "SECURITY.md", ".github/workflows/ci.yml", "docs/glossary.md")
        assert not any(goes(path, lines) for path in papers)
        rooms = [line for line in lines if not line.startswith("!") and line.startswith("churn/")]
        assert sorted(rooms) == [f"churn/{room}" for room in sorted(NOT_SERVED)]
        for room in NOT_SERVED:
            paths = [path for path in (PROJECT / "churn" / room).iterdir() if path.is_file()]
            assert paths
            assert not any(goes(str(path.relative_to(PROJECT)), lines) for path in paths)
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    image = {path for path in tracked.splitlines() if goes(path, patterns(".dockerignore"))}
    bundle = {path for path in tracked.splitlines() if goes(path, patterns(".ebignore"))}
    assert image < bundle
    assert {path for path in tracked.splitlines() if path.startswith((".ebextensions/", ".platform/"))} < bundle
    assert {path.split("/")[0] for path in bundle - image} == {
        "Dockerfile",
        ".dockerignore",
        ".ebextensions",
        ".platform",
    }


def test_the_image_serves_and_reports_that_it_scores_no_files(tmp_path):
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in (name for name in tracked.splitlines() if goes(name, patterns(".dockerignore"))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    command = [sys.executable, "-m", "flask", "--app", "predict"]
    options = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": ""}, "capture_output": True, "text": True}
    check_model = [sys.executable, "-m", "churn", "check-model"]
    assert "would serve it" in subprocess.run(check_model, check=True, **options).stdout
    assert "/predict" in subprocess.run([*command, "routes"], check=True, **options).stdout
    score = [*command, "score", "in.csv", "out.csv", "--top", "3"]
    finished = subprocess.run(score, check=False, **options)
    assert finished.returncode == 2
    assert finished.stderr == "score: this installation serves and scores no files: it has no churn.batch\n"
    (tmp_path / "churn" / "batch" / "__pycache__").mkdir(parents=True)  # left over or mounted: not a room
    assert subprocess.run(score, check=False, **options).stderr == finished.stderr


def test_the_image_is_pinned_runs_as_a_number_and_starts_gunicorn_itself():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])
    assert f"docker.io/library/{bases[0]}" in DOCKERFILE
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", DOCKERFILE, re.MULTILINE)
    assert json.loads(re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)[1]) == ["gunicorn", "predict:app"]
    makefile = (PROJECT / "Makefile").read_text()
    assert re.search(r"pipenv==(\S+)", DOCKERFILE)[1] == re.search(r"PIPENV_VERSION = (\S+)", makefile)[1]
    assert "pipenv install --deploy" in DOCKERFILE  # it refuses a stale lock; `pipenv sync` does not


def test_the_images_labels_have_its_description_and_its_version():
    labels = dict(re.findall(r'org\.opencontainers\.image\.([a-z.]+)="([^"]*)"', DOCKERFILE.split("\nFROM ")[2]))
    assert labels.keys() == {"title", "description", "version", "licenses", "base.name"}
    assert labels["version"] == __version__
    assert f"{labels['licenses']} License" == (PROJECT / "LICENSE").read_text().splitlines()[0]
    assert all(labels.values())


def test_the_image_sets_the_modes_of_what_it_copies_from_the_checkout():
    build = DOCKERFILE.split("\nFROM ")[1]
    assert build.index("COPY churn churn") < build.index("RUN chmod -R u=rwX,go=rX .") < build.index("compileall")
    assert not re.search(r"^COPY (?!--from)", DOCKERFILE.split("\nFROM ")[2], re.MULTILINE)


@pytest.mark.server
def test_the_images_health_check_is_the_services_answer(tmp_path):
    from tests.serving import Server, free_port

    command = json.loads(re.search(r"^HEALTHCHECK .*\\\n +CMD (.*)$", DOCKERFILE, re.MULTILINE)[1])
    command[0] = sys.executable
    assert str(read_settings({}).port) in command[-1]
    with Server(tmp_path / "log.txt") as server:
        assert subprocess.run(command, env={"PORT": str(server.port)}, check=False).returncode == 0
    down = subprocess.run(command, env={"PORT": str(free_port())}, check=False, capture_output=True)
    assert down.returncode == 1


def test_elastic_beanstalk_polls_ready_and_does_not_count_refused_customers(client):
    assert OPTIONS[PROCESS, "MatcherHTTPCode"] == client.get(OPTIONS[PROCESS, "HealthCheckPath"]).status_code == 200
    rules = json.loads(OPTIONS["aws:elasticbeanstalk:healthreporting:system", "ConfigDocument"])["Rules"][
        "Environment"
    ]
    assert rules == {
        "Application": {"ApplicationRequests4xx": {"Enabled": False}},
        "ELB": {"ELBRequests4xx": {"Enabled": False}},
    }


def test_the_fleet_is_two_to_eight_and_never_loses_capacity_to_a_deployment():
    assert (OPTIONS["aws:autoscaling:asg", "MinSize"], OPTIONS["aws:autoscaling:asg", "MaxSize"]) == (2, 8)
    assert OPTIONS["aws:elasticbeanstalk:command", "DeploymentPolicy"] == "RollingWithAdditionalBatch"
    assert OPTIONS[TRIGGER, "MeasureName"] == "CPUUtilization"
    assert OPTIONS[TRIGGER, "LowerThreshold"] * 2 < OPTIONS[TRIGGER, "UpperThreshold"]


def test_each_timeout_is_longer_than_the_one_that_must_end_before_it():
    def nginx(name):
        return int(re.search(rf"^{name} (\d+)s;$", NGINX, re.MULTILINE)[1])

    client = int(re.search(r"timeout=(\d+)", (PROJECT / "predict-test.py").read_text())[1])
    keepalive = int(re.search(r"^keepalive = (\d+)$", (PROJECT / "gunicorn.conf.py").read_text(), re.MULTILINE)[1])
    stated = re.search(r"^timeout = (\d+)$", (PROJECT / "gunicorn.conf.py").read_text(), re.MULTILINE)
    gunicorn = int(stated[1]) if stated else 30  # gunicorn's default
    balancer = nginx_upstream_keepalive = 60  # their defaults
    assert client < gunicorn < nginx("proxy_read_timeout") < OPTIONS[PROCESS, "DeregistrationDelay"] < balancer
    assert balancer < nginx("keepalive_timeout")
    assert nginx_upstream_keepalive < keepalive


def test_the_lines_that_the_eb_command_would_write_into_our_files_are_there():
    for name in (".gitignore", ".dockerignore"):  # else `eb init` and `eb local run` leave uncommitted changes
        assert "# Elastic Beanstalk Files" in (PROJECT / name).read_text().splitlines()
    assert ".elasticbeanstalk/*" in (PROJECT / ".gitignore").read_text().splitlines()


def test_the_operations_page_agrees_with_the_files():
    page = re.sub(r"\s+", " ", (PROJECT / "docs/operations.md").read_text())
    assert re.search(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)[1] in page
    assert f"over {OPTIONS[TRIGGER, 'UpperThreshold']} %" in page
    assert f"under {OPTIONS[TRIGGER, 'LowerThreshold']} %" in page
    assert f"for {OPTIONS['aws:elasticbeanstalk:cloudwatch:logs', 'RetentionInDays']} days" in page
    assert f"| {OPTIONS[PROCESS, 'DeregistrationDelay']} | `DeregistrationDelay` |" in page
    for name in ("proxy_read_timeout", "keepalive_timeout"):
        assert f" {re.search(rf'^{name} (.*)s;$', NGINX, re.MULTILINE)[1]}" in page
    for name in re.findall(r"`make ([a-z-]+)", page):
        assert re.search(rf"^{name}:.*##", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def test_every_option_and_every_line_of_nginx_has_a_reason():
    options = 0
    for path in [*(PROJECT / ".ebextensions").glob("*.config"), *(PROJECT / ".platform").rglob("*.conf")]:
        lines = path.read_text().splitlines()
        for above, line in itertools.pairwise(lines):
            if re.match(r"    \w+: |\w+ .*;$", line):
                options += 1
                assert above.lstrip().startswith("# "), f"{path.name}: {line}"
    assert options > len(OPTIONS)
