"""The churn service's own code, a room for each job: model, tables, server, web, batch, training and report.

Owns the version of the software; docs/architecture.md shows the house, tests/test_house.py holds its rules.
"""

__version__ = "0.9.0"
"""The version of the software. A model has a version of its own: the start of its file's SHA-256."""
