"""Tests of churn/batch, a file for each module; of these the tests stand elsewhere:

csv_columns, csv_file, failures, files and parquet_file are tested through the whole way of a file in test_score;
targets there, in test_command and in test_counting.
tests/test_ways_in.py holds every form of file to the service's answers.
"""
