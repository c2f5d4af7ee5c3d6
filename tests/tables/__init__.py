"""Tests of churn/tables, a file for each module; of these the tests stand elsewhere:

answer_cells are tested through whole rows in test_csv_rows, csv_values in tests/batch/test_gains.py. csv_form is
tested in test_csv_header and test_csv_rows, csv_lines in test_csv_rows and tests/batch/test_csv_blocks.py. detection
has doctests, and its words are in tests/training/test_source.py and tests/web/pages/test_reading.py.
"""
