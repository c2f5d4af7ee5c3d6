<<<<<<< HEAD
"""Whether the model is still good, by counts of the customers that were answered. Standard library only."""
=======
"""Counts of the customers that were answered. No customer is kept; standard library and msgspec alone."""
>>>>>>> a19
