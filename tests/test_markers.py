"""Tests that run one at a time: the Makefile finds their files by their text, pytest by their markers."""

import re
import subprocess

from tests.customers import PROJECT


def test_make_finds_every_file_that_needs_a_server_or_a_browser(files_of_servers_and_browsers):
    """Checks the files that were collected; in `make test` these are all of them."""
    (command,) = re.findall(r"^MARKED = \$\(shell (.+)\)$", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    found = subprocess.run(["sh", "-c", command], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert files_of_servers_and_browsers <= {PROJECT / path for path in found.stdout.split()}
