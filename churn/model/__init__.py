"""What a model is: contract, scoring, explaining, and the pair of files that holds it. Imports msgspec only."""
