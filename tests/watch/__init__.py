"""Tests of churn/watch, a file for each module; null_draws is a simulation, customers is shared by the tests."""
