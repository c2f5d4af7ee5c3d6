"""Apache Spark on this machine for the tests: a driver and two executors, each a process, all in one folder.

Where pyspark or Java is missing its tests are skipped; with SPARK_TESTS=required they fail.
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
_FAST_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # each of these Java processes lives only for about a minute


def need_spark() -> None:
    """Skip a module of tests where Spark can't run, or fail it where Spark is required."""
    there = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
    missing = [name for name, found in there.items() if not found]
    if missing and os.environ.get("SPARK_TESTS") == "required":
        pytest.fail(LEFT_OUT.format(" and no ".join(missing), _JAVA), pytrace=False)
    if missing:
        pytest.skip(LEFT_OUT.format(" and no ".join(missing), _JAVA), allow_module_level=True)


class LocalSpark(NamedTuple):
    """A Spark that is set up: its folder, and the environment of its driver."""

    folder: Path
    environ: dict[str, str]

    def events(self, kind: str) -> list[dict]:
        """Spark's own log of the jobs that have ended, one kind of event: "SparkListenerTaskEnd", for example."""
        logs = [path.read_text(encoding="utf-8") for path in (self.folder / "events").iterdir()]
        events = [json.loads(line) for log in logs for line in log.splitlines()]
        return [event for event in events if event["Event"] == kind]

    def processes(self) -> list[int]:
        """The processes of this Spark: drivers, executors and their Python workers."""
        mark = f"SPARK_CONF_DIR={self.environ['SPARK_CONF_DIR']}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):  # the process has just ended
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
        return found

    def run(self, command: str) -> subprocess.CompletedProcess:
        """The result of a command that is run in Spark's folder."""
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
        """Wait until no process is left. A process that stays is ended, and the test fails."""
        try:
            wait_until(lambda: not self.processes())
        finally:
            for process in self.processes():
                os.kill(process, signal.SIGKILL)


def set_up_spark(folder: Path) -> LocalSpark:
    """Set Spark up in a folder, which gets everything that it writes. Executors write to Spark's home, so it is there
    too.
    """
    package = Path(find_spec("pyspark").submodule_search_locations[0])
    for name in ("home", "conf", "events", "temporary"):
        (folder / name).mkdir()
    for name in ("bin", "jars"):
        (folder / "home" / name).symlink_to(package / name)
    settings = {
        "spark.master": "local-cluster[2,1,1024]",  # two executors, each with one core and 1 GiB
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",  # no task starts before both executors are registered
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
