"""Whether the model is still good, by counts of the customers that were answered; no customer is kept.

Standard library and msgspec alone.
"""
