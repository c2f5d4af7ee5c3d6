"""The churn service's own code, a room for each job: model, tables, server, web, batch, training and report.

Owns the version of the software; docs/architecture.md shows the house, tests/test_house.py holds its rules.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older ones get here, and would end in the middle of a traceback)
    sys.exit(f"the churn service needs Python 3.11 or newer, and this is {'.'.join(map(str, sys.version_info[:3]))}")
if sys.platform == "win32":
    sys.exit("the churn service runs on Linux and macOS: on Windows use WSL or Docker, see README.md")

__version__ = "1.0.0"
"""The version of the software. A model has a version of its own: the start of its file's SHA-256."""
