"""The churn service's own code: the contract, the model file, scoring, training and the web edge.

Owns nothing itself; import the module that you need.
"""
