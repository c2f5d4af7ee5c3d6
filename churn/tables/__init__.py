"""A table of customers in rows: what kind a file is, the forms of a CSV, what an answer adds to a table. Standard library only."""
