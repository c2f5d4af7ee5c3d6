"""Whether the model is still good, by counts of the customers that were answered. Standard library only."""
