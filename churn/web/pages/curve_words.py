"""A number's curve in words: where the risk rises and falls, the effect of a blank, and the fields that change it.

Owns which rises and falls are mentioned; `curves` draws the curve.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from churn.model.odds import odds_ratio, spell_ratio

LEAST_CHANGE = 0.05
"""In log-odds: a change of the odds by less than 5 % is called "hardly changes"."""

_SWING = 0.2  # of a curve's height: a smaller rise or fall is not mentioned, nor one below LEAST_CHANGE
_SLACK = 0.02  # of a curve's height: closer than this to a turning point counts as being there
_PAUSE = 0.1  # of a curve's width: a shorter flat part is not mentioned
_MOST_PARTS = 4
_LISTED = (0.25, 0.5, 0.75)  # of a curve's width
_VERBS = {1: "rises", -1: "falls", 0: "hardly changes"}
_ALL_ALONG = {1: "rises as it grows", -1: "falls as it grows", 0: "hardly changes with it"}


class Effect(NamedTuple):
    """The effect of a number by itself, in log-odds compared with the average customer: above 0 is more risk."""

    number: float
    log_odds: float


class Part(NamedTuple):
    """A part of a curve, in which the risk rises (1), falls (-1) or hardly changes (0), and the number at its end."""

    direction: int
    until: float


def word_curve(
    effects: Sequence[Effect],
    *,
    risk: str,
    spell: Callable[[float], str],
    blank: float | None = None,
    partners: Sequence[str] = (),
) -> str:
    """A curve in words. The numbers of its effects ascend; at a jump two effects have the same number.

    `risk` is the page's word for the risk, `spell` writes a number for people. `blank` is what a blank adds, in
    log-odds compared with the average customer; `partners` are the labels of the fields that the number makes pairs
    with.

    >>> fall = [Effect(0, 0.9), Effect(12, 0.2), Effect(24, 0.1), Effect(72, 0.1)]
    >>> word_curve(fall, risk="risk", spell=str, blank=0.4, partners=["Contract"])
    'The risk falls until 24, then hardly changes. A blank raises it. This differs by Contract.'
    """
    sentences = [f"The {risk} {_word_parts(find_parts(effects), effects, spell)}."]
    if blank is not None:
        verb = "raises" if blank >= LEAST_CHANGE else "lowers" if blank <= -LEAST_CHANGE else "hardly changes"
        sentences.append(f"A blank {verb} it.")
    if partners:
        *others, last = partners
        named = f"{', '.join(others)} and {last}" if others else last
        sentences.append(f"This differs by {named}.")
    return " ".join(sentences)


def list_values(
    effects: Sequence[Effect], *, odds: str, spell: Callable[[float], str], blank: float | None = None
) -> str:
    """The values of a curve's picture as a list: the odds at its ends, at three places between, and at its extremes.

    `odds` is the page's word for the odds; other arguments as for word_curve.

    >>> fall = [Effect(0, 0.9), Effect(12, 0.2), Effect(24, 0.1), Effect(72, 0.1)]
    >>> list_values(fall, odds="the odds", spell=str, blank=0.4)
    "the odds, in times the average customer's: 2.46 at 0, 1.22 at 12, 1.11 at 24, 1.11 at 72, 1.49 for a blank"
    """
    lowest, width = effects[0].number, effects[-1].number - effects[0].number
    parts = [lowest + part * width for part in _LISTED]
    even = [min(range(len(effects)), key=lambda place: abs(effects[place].number - part)) for part in parts]
    listed = [
        f"{spell_ratio(odds_ratio(effects[place].log_odds))} {_name_place(effects, place, spell)}"
        for place in sorted({0, *even, *_find_extremes(effects), len(effects) - 1})
    ]
    if blank is not None:
        listed.append(f"{spell_ratio(odds_ratio(blank))} for a blank")
    return f"{odds}, in times the average customer's: {', '.join(listed)}"


def find_parts(effects: Sequence[Effect]) -> list[Part]:
    """The parts of a curve that are worth mentioning, without the small ones; a flat curve has one part.

    >>> find_parts([Effect(0, 0.9), Effect(12, 0.2), Effect(24, 0.1), Effect(72, 0.1)])
    [Part(direction=-1, until=24), Part(direction=0, until=72)]
    """
    lowest, highest = effects[0].number, effects[-1].number
    terms = [effect.log_odds for effect in effects]
    height = max(terms) - min(terms)
    slack, pause = _SLACK * height, _PAUSE * (highest - lowest)
    parts, at = [], lowest
    for low_or_high, other in pairwise(_find_turns(terms, max(_SWING * height, LEAST_CHANGE))):
        start = max(place for place in range(low_or_high, other) if abs(terms[place] - terms[low_or_high]) <= slack)
        end = min(place for place in range(start, other + 1) if abs(terms[place] - terms[other]) <= slack)
        if effects[start].number - at > pause:
            parts.append(Part(0, effects[start].number))
        at = effects[end].number
        parts.append(Part(1 if terms[end] > terms[start] else -1, at))
    if not parts or highest - at > pause:
        parts.append(Part(0, highest))
    return parts


def _find_turns(terms: Sequence[float], swing: float) -> list[int]:
    """The indices of alternating lows and highs between which the terms rise or fall by `swing` or more."""
    turns: list[int] = []
    direction = low = high = 0
    for place, term in enumerate(terms):
        low, high = (place if term < terms[low] else low), (place if term > terms[high] else high)
        if direction <= 0 and term - terms[low] >= swing:
            turns.append(low)
            direction, high = 1, place
        elif direction >= 0 and terms[high] - term >= swing:
            turns.append(high)
            direction, low = -1, place
    return [*turns, high if direction > 0 else low] if turns else []


def _find_extremes(effects: Sequence[Effect]) -> tuple[int, int]:
    """The indices of the lowest and the highest effect."""
    terms = [effect.log_odds for effect in effects]
    return terms.index(min(terms)), terms.index(max(terms))


def _name_place(effects: Sequence[Effect], place: int, spell: Callable[[float], str]) -> str:
    """The place of an effect, in words. At a jump two effects have one number: the first is just below it."""
    number = effects[place].number
    is_before = place + 1 < len(effects) and effects[place + 1].number == number
    return f"{'just below' if is_before else 'at'} {spell(_round(number, effects))}"


def _round(number: float, effects: Sequence[Effect]) -> float:
    """A number rounded to a hundredth of a curve's width, or finer."""
    return round(number, 2 - math.floor(math.log10(effects[-1].number - effects[0].number)))


def _word_parts(parts: Sequence[Part], effects: Sequence[Effect], spell: Callable[[float], str]) -> str:
    if len(parts) > _MOST_PARTS:
        low, high = (_name_place(effects, place, spell) for place in _find_extremes(effects))
        return f"rises and falls: it is the lowest {low} and the highest {high}"
    *first, last = parts
    if not first:
        return _ALL_ALONG[last.direction]
    words, before = "", ""
    for part in first:
        until = spell(_round(part.until, effects))
        words += f"{_VERBS[part.direction]} {'there' if until == before else f'until {until}'}, "
        before = until
    return f"{words}then {_VERBS[last.direction]}"
