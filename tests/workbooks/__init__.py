"""Tests of churn/workbooks, a file for each module; of these the tests stand elsewhere:

book, cells, parts and rows are tested through the reader in test_reader; cells has doctests, too. output is tested
through the writer in test_writer. The page's JavaScript is held to all of them in tests/web/pages/test_workbooks.py.
"""
