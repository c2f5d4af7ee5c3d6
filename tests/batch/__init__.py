"""Tests of churn/batch, a file for each module; of these the tests stand elsewhere:

csv_columns, csv_file, csv_reading, failures, files, outcome and parquet_file are tested through the whole way of a
file in test_score, answered_batches and ranking there, too; targets there, in test_command and in test_counting.
csv_cells in test_gains, options in test_command.
tests/test_ways_in.py holds every form of file to the service's answers.
"""
