"""The code of the churn service, in a room for each job: model, tables, server, web, batch, training and others.

Owns the version of the software. docs/architecture.md shows the rooms; tests/test_house.py checks their imports.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an older Python gets here, and would print a traceback)
    sys.exit(f"the churn service needs Python 3.11 or newer, and this is {'.'.join(map(str, sys.version_info[:3]))}")
if sys.platform == "win32":
    sys.exit("the churn service runs on Linux and macOS: on Windows use WSL or Docker, see README.md")

__version__ = "1.0.0"
"""The version of the software. A model has a version of its own: the start of its file's SHA-256."""
