"""A table of customers in rows: its kind of file, the forms of a CSV, what an answer adds. Standard library only."""
