"""Model files read as data: pickles and joblib files, their objects and their weights. Standard library only."""
