"""Trains a new model from a table and judges whether to ship it. Needs pandas and scikit-learn; not in the image."""
