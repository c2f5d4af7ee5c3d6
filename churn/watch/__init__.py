"""Monitoring: whether the model is still good, from counts of the answered customers; no customer is stored.

Imports the standard library and msgspec only.
"""
