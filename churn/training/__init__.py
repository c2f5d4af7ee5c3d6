"""A new model from a table, and whether to ship it. Needs pandas and scikit-learn; not in the image."""
