"""A model with two fields, whose log-odds can be added up by hand."""

from pathlib import Path

from churn.model.contract import Contract
from churn.model.explaining import Explainer
from churn.model.fields import Category, Number
from churn.model.file import Model
from churn.model.pair import Pair
from churn.model.scoring import Scorer

CONTRACT = Contract((Category("plan", ("basic", "two_year")), Number("charge", non_negative=True)))
SCORER = Scorer(CONTRACT, {"plan=basic": 0.5, "plan=two_year": -0.5, "charge": 0.25}, intercept=0.0)


def model_of(scorer: Scorer) -> Model:
    """A model with this scorer that explains against zero, as if it came from a file without a card."""
    path, pair, sha256, card = Path("model.bin"), Pair(b"", None), "0" * 64, None
    return Model(path, pair, sha256, scorer, Explainer(scorer, None), card, 0.5, (0, 1))
