"""Tests of churn/model, a file for each module; of these the tests stand elsewhere:

fields are tested through the contract in test_contract; test_checks holds what a scorer takes at once to what the
contract takes. training_counts in test_card_check and tests/training/test_counts.py, gain in
tests/training/test_campaign.py. mark_words is tested in test_marks, outside through the answers in
tests/web/test_answers.py and tests/batch/test_scorer.py, seal in test_card. ranges has doctests. The names of columns
are held to scikit-learn's in tests/training/test_fit.py, too.
"""
