"""Tests of churn/watch, a file for each module."""
