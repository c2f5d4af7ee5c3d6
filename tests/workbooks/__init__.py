"""Tests of churn/workbooks, a file for each module. These modules are tested in other files:

book, cells, parts and rows through the reader in test_reader; cells has doctests, too. output through the writer in
test_writer. tests/web/pages/test_workbooks.py compares the page's JavaScript with all of them.
"""
