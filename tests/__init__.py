"""The tests. Their folders mirror churn/, and the modules that they share are in this folder."""
