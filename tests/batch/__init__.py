"""Tests of churn/batch, a file for each module. These modules are tested in other files:

csv_columns, csv_file, csv_reading, failures, files, outcome and parquet_file with whole files in test_score, as well
as answered_batches and ranking; targets there, in test_command and in test_counting. csv_cells in test_gains, options
in test_command.
tests/test_ways_in.py compares every form of file with the service's answers.
"""
