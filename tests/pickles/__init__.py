"""Tests of churn/pickles, a file for each module. These modules are tested in other files:

pickled_arrays and linear_model in test_pickle_reader and test_parts, fit_settings in test_parts. test_mutants runs
every reader of model files on hostile ones, in every form, test_foreign_files on those of other people.
"""
