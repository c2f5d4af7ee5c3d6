"""Tests of churn/training, a file for each module. These modules are tested in other files:

columns and worksheet through the file in test_source and test_parquet, fields through the table in test_table and
test_unknown, labels in test_target, categories in test_own_table. command and target_options through train.py in
tests/test_train.py and tests/test_train_tables.py. choices and findings are values only, tested with the modules that
read them; touching through the golden customers in test_covering. test_fitted_rows checks everything that is learned
against the rows that it is learned from. foreign_model, adopted_table, adopted_contract and adoption_wording through
the whole adoption in test_adopting.
"""
