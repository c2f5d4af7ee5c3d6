"""Tests of churn/tables, a file for each module. These modules are tested in other files:

answer_cells with whole rows in test_csv_rows, csv_values in tests/batch/test_gains.py. csv_form in test_csv_header
and test_csv_rows, csv_lines in test_csv_rows and tests/batch/test_csv_blocks.py. detection has doctests, and its
words are in tests/training/test_source.py and tests/web/pages/test_reading.py.
"""
