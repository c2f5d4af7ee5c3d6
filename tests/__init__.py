"""The tests: folders mirror churn/, and what they share stands beside them."""
