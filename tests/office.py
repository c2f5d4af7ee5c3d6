"""LibreOffice for the tests: it converts a file, with its own profile and with German decimal commas.

Where LibreOffice is missing its tests are skipped; with OFFICE_TESTS=required they fail.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
LEFT_OUT = (
    "the LibreOffice tests were left out: no soffice here (apt-get install --no-install-recommends "
    "libreoffice-calc-nogui)"
)
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>de-DE</value></prop></item></oor:items>
"""
_TO_CSV = "csv:Text - txt - csv (StarCalc):{delimiter},34,{encoding},1,,0,false,true,false,false,false,{sheet}"
"""The options of its CSV filter: quotes where needed, every cell as shown, and the number of the sheet."""
_FROM_CSV = "CSV:44,34,76,1,,1033,false,true"  # commas, UTF-8, numbers as in the United States, $ and % too
_ENCODINGS = {"utf-8": 76, "cp1252": 1, "utf-16-le": 65535}


def need_office() -> None:
    """Skip a test where LibreOffice is missing, or fail it where LibreOffice is required."""
    if SOFFICE:
        return
    if os.environ.get("OFFICE_TESTS") == "required":
        pytest.fail(LEFT_OUT)
    pytest.skip(LEFT_OUT)


class Office:
    """LibreOffice with its own folder."""

    def __init__(self, folder: Path) -> None:
        self._profile = folder / "profile"
        (self._profile / "user").mkdir(parents=True)
        (self._profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")

    def convert(self, source: Path, kind: str) -> Path:
        """The file converted to another kind, such as "xlsx", in a folder next to it; a CSV has commas and points."""
        return self._convert(source, kind, [f"--infilter={_FROM_CSV}"] if source.suffix == ".csv" else [])

    def save_csv(self, source: Path, *, delimiter: str, codec: str, sheet: int) -> Path:
        """A sheet of a workbook, counted from 1, as a CSV of the kind that is saved in Germany."""
        return self._convert(
            source, _TO_CSV.format(delimiter=ord(delimiter), encoding=_ENCODINGS[codec], sheet=sheet), []
        )

    def _convert(self, source: Path, kind: str, options: list[str]) -> Path:
        folder = source.parent / "converted"
        shutil.rmtree(folder, ignore_errors=True)
        command = [SOFFICE, "--headless", f"-env:UserInstallation={self._profile.as_uri()}", *options]
        command += ["--convert-to", kind, "--outdir", folder, source]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        (converted,) = folder.iterdir()
        assert finished.stdout.startswith("convert "), finished
        return converted
