"""The command `python -m churn inspect`: what is in a model file, served or not. Imports msgspec only."""
