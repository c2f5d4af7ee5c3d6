"""What a training has found, in lines for the terminal: the campaign, and the difference to the model in place."""

from collections.abc import Iterator

from churn.training.findings import Findings
from churn.training.gate import Comparison


def campaign_lines(findings: Findings) -> Iterator[str]:
    """From which probability on a contact pays, and what that earns on the test part; nothing without a campaign."""
    campaign, y, probabilities = findings.campaign, findings.y, findings.probabilities
    if campaign is None:
        return
    yield f"a contact pays above a churn probability of {campaign.threshold:.4f}: this is the card's threshold"
    yield f"on the {len(y):,} test customers:  threshold  contacted       earned"
    best = campaign.profit_curve(y, probabilities).best
    for name, threshold in (("where it pays", campaign.threshold), ("0.5", 0.5), ("best in hindsight", best)):
        contacted = (probabilities >= threshold).sum()
        profit = campaign.profit(y, probabilities, threshold=threshold)
        shown = f"{threshold:.4f}" if threshold <= 1 else "nobody"
        earned = f"{profit:,.0f}" if abs(profit) >= 1000 else f"{profit:.2f}"
        yield f"  {name:24}  {shown:>9}  {contacted:9,}  {earned:>11}"
    yield "(a contacted customer who would stay is taken to accept the offer, too)"


def difference_lines(findings: Findings) -> Iterator[str]:
    """What is different from the model in place: how good it is, its contract, its threshold; nothing without one."""
    if findings.comparison is None:
        return
    yield f"beside the model in place, {findings.old_version or findings.model_name}:"
    if isinstance(findings.comparison, Comparison):
        yield from (f"  {line}" for line in findings.comparison.describe())
    else:
        yield f"  not compared: {findings.comparison}"
    yield from (f"  contract: {change}" for change in findings.changes)
    if findings.old_threshold not in (None, findings.threshold):
        hint = "" if findings.campaign else "; --value, --offer, --contact and --accept set one"
        yield f"  threshold: {findings.threshold:.4f}, was {findings.old_threshold:.4f}{hint}"
