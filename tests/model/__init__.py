"""Tests of churn/model, a file for each module; of these the tests stand elsewhere:

fields are tested through the contract in test_contract, lookups through the scorer in test_scoring and test_checks,
which holds what is taken at once to what the contract takes. mark_words is tested in test_marks, outside through the
answers in tests/web/test_answers.py and tests/batch/test_scorer.py, pickled_arrays and linear_model in
test_pickle_reader and test_parts, fit_settings in test_parts, seal in test_card. odds_ratio and ranges have doctests.
The names of columns are held to scikit-learn's in tests/training/test_fit.py, too. test_mutants holds every reader of
model files to hostile ones, in every form, test_foreign_files to those that other people have.
"""
