"""The churn service's own code, a room for each job: model, tables, server, web, batch, training and report.

Owns nothing itself; docs/architecture.md shows the house, tests/test_house.py holds its rules.
"""
