"""Wordings for what the model predicts: that customers leave, or do what the card's `event` names, such as "convert".

Owns every wording that depends on the event, for the page, the report and the terminal. `event` is a user's verb and
is never inflected: it follows "to" or "will", or is a heading by itself, so that any verb gives correct English.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The wordings for one event. They may contain a user's text, so a page must escape them.

    The wordings from `recall` on never contain a user's verb: plots draw them, and there a $ would begin a formula.
    """

    verb: str
    does: str
    does_not: str
    did: str
    did_not: str
    would_stay: str
    would_have_stayed: str
    counting: str
    before: str
    question: str
    brand: str
    heading: str
    who_heading: str
    risk_heading: str
    likely: str
    unlikely: str
    odds: str
    pair: str
    higher: str
    leavers: str
    takers: str
    precision: str
    recall: str
    false_alarms: str
    precision_axis: str
    of_leavers: str
    riskiest: str
    order: str
    whole_order: str
    less: str
    more: str
    less_risk: str
    more_risk: str
    risk: str
    rate: str
    rate_heading: str
    probability: str
    model: str
    topic: str
    cause: str
    by_category: str


LEAVING = Words(
    verb="leave",
    does="leaves",
    does_not="stays",
    did="left",
    did_not="stayed",
    would_stay="would stay",
    would_have_stayed="would have stayed",
    counting="leaving",
    before="before a customer leaves",
    question="Who is about to leave, and why",
    brand="Churn",
    heading="Left",
    who_heading="Who leaves",
    risk_heading="Risk of leaving",
    likely="likely to leave",
    unlikely="likely to stay",
    odds="the odds of leaving",
    pair="one who left and one who stayed",
    higher="the leaver",
    leavers="the leavers",
    takers="of the leavers who are contacted accept, and stay",
    precision="Of these, left",
    recall="Leavers found",
    false_alarms="Stayers alarmed",
    precision_axis="Of the contacted, left (precision)",
    of_leavers="of the leavers",
    riskiest="riskiest",
    order="the riskiest first",
    whole_order="from the riskiest to the safest",
    less="stays",
    more="leaves",
    less_risk="less risk",
    more_risk="more risk",
    risk="risk",
    rate="churn rate",
    rate_heading="Churn rate",
    probability="churn probability",
    model="churn model",
    topic="churn",
    cause="leaving",
    by_category="Churn by category",
)

_WITH_VERB = {
    "verb": "@",
    "does": "will @",
    "does_not": "will not",
    "did": "will @",
    "did_not": "will not",
    "would_stay": "would not @",
    "would_have_stayed": "would not @",
    "counting": "likely to @",
    "before": "before customers @",
    "question": "Who will @, and why",
    "who_heading": "Who will @",
    "risk_heading": "Chance to @",
    "likely": "likely to @",
    "unlikely": "unlikely to @",
    "odds": "the odds to @",
    "pair": "one who will @ and one who will not",
    "higher": "the first",
    "leavers": "those who will @",
    "takers": "of those who will @ accept when contacted, and then do not",
    "precision": "Of these, @",
}
_WITHOUT_VERB = {
    "recall": "Found",
    "false_alarms": "False alarms",
    "precision_axis": "Precision",
    "of_leavers": "of all to be found",
    "riskiest": "most likely",
    "order": "the most likely first",
    "whole_order": "from the most to the least likely",
    "less": "less likely",
    "more": "more likely",
    "less_risk": "less likely",
    "more_risk": "more likely",
    "risk": "chance",
    "rate": "rate",
    "rate_heading": "Rate",
    "probability": "probability",
    "model": "model",
    "topic": "the target",
    "cause": "it",
    "by_category": "Rate by category",
}


def words_for(event: str | None) -> Words:
    """The wordings for a verb; None stands for leaving.

    >>> words_for(None).risk_heading, words_for("buy again").risk_heading
    ('Risk of leaving', 'Chance to buy again')
    """
    if event is None:
        return LEAVING
    heading = event[:1].upper() + event[1:]
    with_verb = {name: wording.replace("@", event) for name, wording in _WITH_VERB.items()}
    return Words(brand=heading, heading=heading, **with_verb, **_WITHOUT_VERB)
