"""Reports of progress: only after a while has passed, with the seconds so far."""

from churn.training.pulse import PATIENCE_S, Pulse


def test_a_beat_is_reported_once_a_while_has_passed_and_then_again_after_as_long():
    lines, seconds = [], [100.0]
    pulse = Pulse(lines.append, clock=lambda: seconds[0])
    for now in (101.0, 100.0 + PATIENCE_S, 105.0, 100.0 + 2 * PATIENCE_S, 109.0):
        seconds[0] = now
        pulse.beat("working")
    assert lines == [f"working ({PATIENCE_S:.0f} s so far)", f"working ({2 * PATIENCE_S:.0f} s so far)"]
