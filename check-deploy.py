"""Checks before `eb deploy` that HEAD is complete and consistent. Prints a line for each check; exit 1 on a problem.

A warning is a line of its own, and not a problem.

Run as `python3 check-deploy.py`, with Python 3.11 or newer and git; nothing has to be installed. It reads the folder
that it is in, which its first check compares with HEAD, and changes nothing.
"""

import hashlib
import json
import operator
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # else importing churn makes files in the folder that is compared with HEAD

from churn.model.seal import CHANGED, is_intact  # noqa: E402
from churn.server.settings import Settings, read_settings  # noqa: E402

PROJECT = Path(__file__).parent
COMPARE = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


class Problem(Exception):  # noqa: N818 (a finding, not a fault of this script)
    """A problem of the deployment, with what to do about it."""


def check_commit() -> str:
    """The folder must be HEAD: eb packs the folder's files, but names the version after HEAD."""
    changed = git("status", "--porcelain", "--untracked-files=all").splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:5])
        raise Problem(f"{len(changed)} not committed ({names}): commit, stash or remove them")
    return f"the folder is commit {git('rev-parse', '--short', 'HEAD').strip()}"


def check_model() -> str:
    """The card must be intact and belong to the model, else the service refuses to start."""
    settings = deployed_settings()
    model, card = settings.model_file, settings.model_file.with_suffix(".json")
    has_card = (PROJECT / card).exists()
    if not has_card and str(card) in image_files():
        raise Problem(
            f"{model} has no card: put {card} back, or make a pair by python -m churn adopt '{model}' --table TABLE "
            f"--output FILE; to serve it as it is, leave {card} out of Dockerfile, .dockerignore and .ebignore"
        )
    for path in (model, card) if has_card else (model,):
        if not git("ls-files", str(path)):
            raise Problem(f"{path} is not in git: git add -f '{path}', and commit")
    version = hashlib.sha256((PROJECT / model).read_bytes()).hexdigest()
    threshold: object = "the file's own, or 0.5"
    if has_card:
        if not is_intact((PROJECT / card).read_bytes()):
            raise Problem(f"{card} {CHANGED}")
        described = json.loads(read(card))
        if described.get("model_sha256") != version:
            raise Problem(f"{card} is the card of another model: make train, and commit both files")
        threshold = described.get("threshold")
    if settings.threshold is not None:
        threshold = f"{settings.threshold}, by CHURN_THRESHOLD"
    paired = "and its card are a pair" if has_card else "has no card"
    return f"{model} {paired}, version {version[:12]}, threshold {threshold}"


def warn_of_newer_models() -> list[str]:
    """A warning for each newer model under another name, which would silently not be deployed."""
    served = deployed_settings().model_file
    others = [path.relative_to(PROJECT) for path in PROJECT.glob("*.bin") if path != PROJECT / served]
    newer = sorted(str(path) for path in others if changed_at(path) > changed_at(served))
    return [
        f"{name} is newer than {served}, which is deployed: to deploy it, copy it and its card over these two"
        for name in newer
    ]


def changed_at(path: Path) -> int:
    """The time of a file's last change, in seconds since 1970; for a committed file the time of its last commit."""
    if git("status", "--porcelain", "--ignored", "--", str(path)):
        return int((PROJECT / path).stat().st_mtime)
    return int(git("log", "-1", "--format=%ct", "--", str(path)) or 0)


def deployed_settings() -> Settings:
    """The settings that .ebextensions give the service, without those that an account adds by hand."""
    names = "|".join(("MODEL_FILE", "CHURN_THRESHOLD", "MAX_CONTENT_LENGTH", "PORT"))
    environ: dict[str, str] = {}
    for path in sorted((PROJECT / ".ebextensions").glob("*.config")):
        environ |= dict(re.findall(rf"^ +({names}): *[\"']?(.*?)[\"']?$", read(path), re.MULTILINE))
    return read_settings(environ)


def image_files() -> list[str]:
    """The files and folders that the image is built from."""
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", read("Dockerfile"), re.MULTILINE)
    return [name for line in copied for name in line.split()]


def check_lock() -> str:
    """The lock must match the Pipfile, else the build fails on the first instance."""
    import tomllib  # not in Python 3.10, which the import of churn above refuses in one line

    pipfile = tomllib.loads(read("Pipfile"))
    part = {name: pipfile.get(name, {}) for name in ("packages", "dev-packages", "requires")}
    locked = {
        "_meta": {"sources": pipfile["source"], "requires": part["requires"]},
        "default": part["packages"],
        "develop": part["dev-packages"],
    }
    known = {*part, "source", "scripts", "pipenv"}  # every other section is a category
    locked |= {name: section for name, section in pipfile.items() if name not in known}
    text = json.dumps(locked, sort_keys=True, separators=(",", ":"))  # the form that pipenv hashes
    if read_lock()["_meta"]["hash"]["sha256"] != hashlib.sha256(text.encode()).hexdigest():
        raise Problem("Pipfile has changed since Pipfile.lock was made: pipenv lock, make test, and commit both")
    return "Pipfile.lock matches Pipfile"


def check_python() -> str:
    """The image's Python must be one that the lock and its packages allow."""
    pythons = set(re.findall(r"^FROM python:(\d+\.\d+)", read("Dockerfile"), re.MULTILINE))
    if len(pythons) != 1:
        raise Problem(f"Dockerfile builds on python {' and '.join(sorted(pythons)) or '?'}: give every FROM the same")
    python = pythons.pop()
    lock = read_lock()
    required = lock["_meta"]["requires"].get("python_version", python)
    if required != python:
        raise Problem(f"the lock is for Python {required}, Dockerfile builds on {python}: change one of the two")
    for name, package in lock["default"].items():
        for sign, version in re.findall(r"python_version ([<>=!]+) '([\d.]+)'", package.get("markers", "")):
            if not COMPARE[sign](as_numbers(python), as_numbers(version)):
                raise Problem(f"{name} requires Python {sign} {version}, Dockerfile builds on {python}: change FROM")
    return f"Python {python}, which the lock allows"


def check_image_files() -> str:
    """The files that the image is built from must be in git, and eb must pack them."""
    names = image_files()
    packed = read(".ebignore").splitlines()
    for name in names:
        if not git("ls-files", name):
            raise Problem(f"Dockerfile copies {name}, which is not in git: git add, and commit")
        if not any(line == f"!/{name}" or line.startswith(f"!/{name}/") for line in packed):
            raise Problem(f"Dockerfile copies {name}, which .ebignore leaves out: name it there")
    return f"{', '.join(names)} are in git and packed"


def check_port() -> str:
    """gunicorn must listen on the first EXPOSEd port, to which Elastic Beanstalk sends requests."""
    exposed = re.findall(r"^EXPOSE (\d+)$", read("Dockerfile"), re.MULTILINE)
    bound = find_only(r'^bind = f?".*:(.+)"', "gunicorn.conf.py")
    port = bound if bound.isdigit() else str(deployed_settings().port)
    if exposed != [port]:
        raise Problem(
            f"Dockerfile EXPOSEs {' '.join(exposed) or 'nothing'}, gunicorn listens on {port}: make them one"
        )
    return f"EXPOSE and gunicorn's port are {port}"


def check_health_path() -> str:
    """The health check's path must be served: a 404 would make the balancer end every instance in turn."""
    path = find_only(r"^ +HealthCheckPath: (\S+)$", ".ebextensions/health.config")
    sources = (PROJECT / "churn" / "web").rglob("*.py")
    if not any(re.search(rf'\.(get|route)\("{re.escape(path)}"', read(source)) for source in sources):
        raise Problem(f"the balancer asks for {path}, which isn't served: correct .ebextensions/health.config")
    return f"the balancer asks for {path}, which is served"


def check_body_limit() -> str:
    """nginx must have the same limit for bodies as the service."""
    conf = ".platform/nginx/conf.d/churn.conf"
    size = find_only(r"^client_max_body_size (\d+[kKmMgG]?);", conf).lower()
    nginx_bytes = int(size.rstrip("kmg")) * {"k": 2**10, "m": 2**20, "g": 2**30}.get(size[-1], 1)
    limit_bytes = deployed_settings().web.max_content_length_bytes
    if nginx_bytes != limit_bytes:
        raise Problem(f"nginx accepts {nginx_bytes} bytes, MAX_CONTENT_LENGTH is {limit_bytes}: change {conf}")
    return f"nginx and the service accept bodies up to {limit_bytes} bytes"


CHECKS: dict[str, Callable[[], str]] = {
    "commit": check_commit,
    "model": check_model,
    "lock": check_lock,
    "python": check_python,
    "image": check_image_files,
    "port": check_port,
    "health": check_health_path,
    "body": check_body_limit,
}


def git(*arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]  # else `git status` may rewrite the index
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Problem(f"git {arguments[0]} says: {finished.stderr.strip()}")
    return finished.stdout


def read(name: str | Path) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def read_lock() -> dict[str, Any]:
    lock: dict[str, Any] = json.loads(read("Pipfile.lock"))
    return lock


def find_only(pattern: str, name: str) -> str:
    """The group of the single match of a pattern in a file. Raises Problem for none or several."""
    found = re.findall(pattern, read(name), re.MULTILINE)
    if len(found) != 1:
        raise Problem(f"{name} has {len(found)} lines like {pattern}: there must be one")
    return str(found[0])


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main() -> int:
    problems = 0
    for name, check in CHECKS.items():
        try:
            print(f"ok       {name}: {check()}")
        except (Problem, OSError, ValueError, LookupError) as error:
            problems += 1
            print(f"problem  {name}: {error}")
    if not problems:
        for warning in warn_of_newer_models():
            print(f"warning  model: {warning}")
    print(f"not ready to deploy: {problems} of {len(CHECKS)} checks" if problems else "ready: eb deploy")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
