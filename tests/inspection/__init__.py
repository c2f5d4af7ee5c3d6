"""Tests of churn/inspection, a file for each module."""
