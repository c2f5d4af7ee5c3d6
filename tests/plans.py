"""A model of two fields, whose log-odds are added up by hand."""

from churn.model.contract import Category, Contract, Number
from churn.model.scoring import Scorer

CONTRACT = Contract((Category("plan", ("basic", "two_year")), Number("charge", non_negative=True)))
SCORER = Scorer(CONTRACT, {"plan=basic": 0.5, "plan=two_year": -0.5, "charge": 0.25}, intercept=0.0)
