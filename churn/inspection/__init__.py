"""What `python -m churn inspect` prints of a model file, served or not. Imports msgspec only."""
