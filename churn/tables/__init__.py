"""A table of customers in rows: the forms of a CSV, what an answer adds to a table. Standard library only."""
