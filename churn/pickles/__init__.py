"""Model files as data: pickles and joblib's files, the two objects in them, their weights. Standard library only."""
