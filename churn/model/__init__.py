"""The model: its contract, scoring and explaining, and the pair of files that holds it. Imports msgspec only."""
