"""Tests of churn/pickles, a file for each module; of these the tests stand elsewhere:

pickled_arrays and linear_model are tested in test_pickle_reader and test_parts, fit_settings in test_parts.
test_mutants holds every reader of model files to hostile ones, in every form, test_foreign_files to those that other
people have.
"""
