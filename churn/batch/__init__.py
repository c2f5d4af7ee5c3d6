"""Scoring of files and data frames of any size, by column. Needs pyarrow and NumPy; not in the image."""
