"""Apache Spark on this machine for the tests: a driver and two executors, each a process, all in one folder.

Where pyspark or Java is missing its tests are skipped, unless SPARK_TESTS=required: then they fail.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.serving import wait_until

LEFT_OUT = "the Spark tests were left out: no {} here (make test-spark installs pyspark, Debian's {} is Java)"
_JAVA = "openjdk-17-jre-headless"
_FAST_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # these Java processes live for a minute


def need_spark() -> None:
    """Ends a module of tests where Spark can't run: as skipped, or as failed where it must."""
    there = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
    missing = [name for name, found in there.items() if not found]
    if missing and os.environ.get("SPARK_TESTS") == "required":
        pytest.fail(LEFT_OUT.format(" and no ".join(missing), _JAVA), pytrace=False)
    if missing:
        pytest.skip(LEFT_OUT.format(" and no ".join(missing), _JAVA), allow_module_level=True)


class LocalSpark(NamedTuple):
    """Where Spark is set up: the environment of a driver, and what its jobs leave to be looked at."""

    folder: Path
    environ: dict[str, str]

    def events(self, kind: str) -> list[dict]:
        """What Spark itself wrote down of the jobs that have ended, of one kind: "SparkListenerTaskEnd", say."""
        logs = [path.read_text(encoding="utf-8") for path in (self.folder / "events").iterdir()]
        events = [json.loads(line) for log in logs for line in log.splitlines()]
        return [event for event in events if event["Event"] == kind]

    def processes(self) -> list[int]:
        """The processes that run in this Spark: drivers, executors and their Python workers."""
        mark = f"SPARK_CONF_DIR={self.environ['SPARK_CONF_DIR']}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):  # it has just ended
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
        return found

    def run(self, command: str) -> subprocess.CompletedProcess:
        """What a command says and how it ends, given in Spark's folder."""
        environ = os.environ | self.environ
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def end(self) -> None:
        """Waits until no process is left. Where one stays, it is ended, and the test fails."""
        try:
            wait_until(lambda: not self.processes())
        finally:
            for process in self.processes():
                os.kill(process, signal.SIGKILL)


def set_up_spark(folder: Path) -> LocalSpark:
    """Spark in a folder, which gets all that it writes: executors work in Spark's home, so that is there, too."""
    package = Path(find_spec("pyspark").submodule_search_locations[0])
    for name in ("home", "conf", "events", "temporary"):
        (folder / name).mkdir()
    for name in ("bin", "jars"):
        (folder / "home" / name).symlink_to(package / name)
    settings = {
        "spark.master": "local-cluster[2,1,1024]",  # two executors of one core and 1 GiB
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",  # no task before both executors are there
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "300s",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    (folder / "conf" / "spark-defaults.conf").write_text(text, encoding="utf-8")
    environ = {
        "SPARK_HOME": str(folder / "home"),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_DIRS": str(folder / "temporary"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "JDK_JAVA_OPTIONS": f"-Djava.io.tmpdir={folder / 'temporary'} -XX:-UsePerfData {_FAST_START}",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(package / "bin"), os.environ["PATH"]]),
    }
    return LocalSpark(folder, environ)
