"""Model files read as data: pickles, joblib files, the two objects in them, their weights. Standard library only."""
