"""Tests of churn/model, a file for each module. These modules are tested in other files:

fields through the contract in test_contract; placing through test_scoring and test_shapes; test_checks compares the
customers that a scorer accepts at once with those that the contract accepts. training_counts in test_card_check and
tests/training/test_counts.py, gain also in tests/training/test_campaign.py. mark_words in test_marks, outside
through the answers in tests/web/test_answers.py and tests/batch/test_scorer.py, seal in test_card. ranges has
doctests. tests/training/test_fit.py compares the names of columns with scikit-learn's, too.
"""
