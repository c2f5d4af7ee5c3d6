"""What a card says of training in counts, for those who compare the customers of today with it."""

from typing import Annotated

from msgspec import Meta, Struct

from churn.model.gain import Campaign

Share = Annotated[float, Meta(ge=0, le=1)]


class TestFigures(Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of the test part, by its labels, at the card's threshold.

    `churn_rate` and `auc` are 0 to 1, `log_loss` in nats, `profit` in the campaign's currency for each customer of
    the part, contacted or not, None without a campaign.
    """

    __test__ = False

    churn_rate: Share
    auc: Share
    log_loss: float
    profit: float | None = None


class TrainingCounts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Counts of the rows that the model was fitted on, and of its test part.

    `edges` has the inner edges of each number, as FieldBins takes them. Of each field `fields` has a count for each
    of its bins, and `folds_distance` how far two of training's folds differ beyond chance, at most, 0 to 1.
    `probabilities` counts the test part, in the bins of the card's threshold; it and `tested` are None for a model
    whose test part is not known.
    """

    edges: dict[str, tuple[float, ...]]
    fields: dict[str, tuple[int, ...]]
    folds_distance: dict[str, Share]
    probabilities: tuple[int, ...] | None = None
    tested: TestFigures | None = None
    campaign: Campaign | None = None
