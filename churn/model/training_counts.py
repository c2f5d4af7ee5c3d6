"""A card's counts of the training rows, with which today's customers are compared."""

from typing import Annotated

from msgspec import Meta, Struct

from churn.model.gain import Campaign

Share = Annotated[float, Meta(ge=0, le=1)]


class TestFigures(Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of the test part, from its labels and the card's threshold.

    `churn_rate` and `auc` are 0 to 1, `log_loss` is in nats. `profit` is in the campaign's currency, per customer of
    the test part, contacted or not; None without a campaign.
    """

    __test__ = False

    churn_rate: Share
    auc: Share
    log_loss: float
    profit: float | None = None


class TrainingCounts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Counts of the rows that the model was fitted on, and of its test part.

    `edges` has the inner edges of each number, as FieldBins takes them. `fields` has the counts of each field, one
    for each of its bins. `folds_distance` has, for each field, the largest distance between folds of training beyond
    chance, 0 to 1. `probabilities` counts the test part in the bins of the card's threshold. `probabilities` and
    `tested` are None for a model whose test part is not known.
    """

    edges: dict[str, tuple[float, ...]]
    fields: dict[str, tuple[int, ...]]
    folds_distance: dict[str, Share]
    probabilities: tuple[int, ...] | None = None
    tested: TestFigures | None = None
    campaign: Campaign | None = None
