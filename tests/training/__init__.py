"""Tests of churn/training, a file for each module; of these the tests stand elsewhere:

columns and worksheet are tested through the file in test_source and test_parquet, fields through the table in
test_table and test_unknown, labels in test_target, categories in test_own_table. command and target_options are
tested through train.py in tests/test_train.py and tests/test_train_tables.py. choices and findings are values only,
in the tests of whoever reads them; touching is tested through the golden customers in test_covering. test_fitted_rows
holds what is learned, all together, to the rows that it is learned from. foreign_model, adopted_table,
adopted_contract and adoption_wording are tested through the whole adoption in test_adopting.
"""
