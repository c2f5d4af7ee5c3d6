"""Counts of the customers that were answered. No customer is kept; standard library and msgspec alone."""
