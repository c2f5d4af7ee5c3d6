"""The customers of a list that are shown, and their order, against plain filters and sorts of drawn lists."""

import random
import unicodedata

import pytest

from tests.amounts import draws
from tests.page_lists import draw_list, run

pytestmark = pytest.mark.browser

VIEW = """
    return given.map(({ list, settings: { filters, first, sort, ...settings } }) => {
        const view = new module.ListView(make(module, list));
        const read = (wanted) => (wanted.low === undefined ? new Set(wanted) : [wanted.low, wanted.high]);
        const kept = new Map(filters.map(([place, wanted]) => [place, read(wanted)]));
        view.change({ ...settings, filters: kept, first: first ?? Infinity, sort });
        return [[...view.matching], [...view.shown]];
    });
"""


def fold(text: str) -> str:
    """A text in the form that a search compares."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.category(letter).startswith("M"))


def read_spend(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def match(drawn: dict, settings: dict) -> list[int]:
    """The customers that match: every word of the search in an own column, and every filter in its column."""
    kept = []
    low, high = settings["risk"]
    for number, (cells, p) in enumerate(zip(drawn["records"], drawn["probabilities"], strict=True)):
        own = [fold(cells[place]) for place in (0, 1, 2, 4)]
        is_found = all(any(word in cell for cell in own) for word in fold(settings["search"]).split())
        is_risky = low <= p and (p < high or high == 1)
        if is_found and is_risky and all(keeps(cells[place], wanted) for place, wanted in settings["filters"]):
            kept.append(number)
    return kept


def keeps(cell: str, wanted: dict | list) -> bool:
    if isinstance(wanted, list):
        return cell in wanted
    number = read_spend(cell)
    return number is not None and wanted["low"] <= number <= wanted["high"]


def draw_settings(chance: random.Random) -> dict:
    filters: list = []
    if chance.random() < 0.4:
        filters.append([2, chance.sample(["Bonn", "bonn ", "K\u00f6ln", ""], 2)])
    if chance.random() < 0.4:
        filters.append([4, {"low": chance.uniform(-50, 300), "high": chance.uniform(200, 900)}])
    return {
        "search": chance.choice(["", "", "a", "A 1", "\u00c4", "o b", "9-X", "  "]),
        "filters": filters,
        "risk": chance.choice([[0, 1], [0.25, 0.5], [0.5, 1], [0.07, 0.56]]),
        "sort": chance.choice(["risk", "row", 4]),
        "descending": chance.random() < 0.5,
        "first": chance.choice([None, None, 1, 7, 500]),
    }


def order(drawn: dict, matching: list[int], settings: dict) -> list[int]:
    """The customers shown, in order: the first N by risk that match, sorted; ties as in the file, blanks last."""
    risks = drawn["probabilities"]
    if settings["first"]:
        matching = sorted(sorted(matching, key=lambda number: -risks[number])[: settings["first"]])
    keys = {
        "risk": risks,
        "row": list(range(len(risks))),
        4: [read_spend(cells[4]) for cells in drawn["records"]],
    }[settings["sort"]]
    known = [number for number in matching if keys[number] is not None]
    ordered = sorted(known, key=lambda number: -keys[number] if settings["descending"] else keys[number])
    return ordered + [number for number in matching if keys[number] is None]


@draws(few=150, many=5_000)
def test_search_filters_risk_sorting_and_the_first_n_are_those_of_plain_python(modules, amount):
    chance = random.Random(21)
    cases = [
        {"list": draw_list(chance, chance.choice([0, 1, 40, 90])), "settings": draw_settings(chance)}
        for _ in range(amount)
    ]
    found = run(modules, VIEW, *cases)
    assert (
        sum(
            0 < len(matching) < len(case["list"]["records"]) for case, (matching, _) in zip(cases, found, strict=True)
        )
        > amount / 4
    )
    for case, (matching, shown) in zip(cases, found, strict=True):
        drawn, settings = case["list"], case["settings"]
        assert matching == match(drawn, settings), settings
        numbers = [read_spend(cells[4]) for cells in drawn["records"]]
        filled = [cells[4] for cells in drawn["records"] if cells[4]]
        if settings["sort"] != 4 or (any(numbers) and 2 * sum(n is not None for n in numbers) >= len(set(filled))):
            assert shown == order(drawn, matching, settings), settings


SORT_TEXTS = """
    const { compare } = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const { rankTexts } = await import("/static/text_order.js");
    return given.map((texts) => {
        const ranks = rankTexts(texts);
        const wrong = [];
        for (const [at, text] of texts.entries()) {
            const other = (at * 7919 + 1) % texts.length;
            const [one, two] = [text, texts[other]].map((text) => text.trim());
            const isBlank = one === "" || two === "";
            const sign = isBlank ? Math.sign((one === "") - (two === "")) : Math.sign(compare(one, two));
            const [left, right] = [ranks[at], ranks[other]].map((rank) => (Number.isNaN(rank) ? Infinity : rank));
            const found = left === right ? 0 : Math.sign(left - right);
            if (found !== sign) wrong.push([text, texts[other], found, sign]);
        }
        return wrong;
    });
"""


@draws(few=6, many=100)
def test_texts_have_the_order_of_the_browsers_own_collation(modules, amount):
    """The collation by itself is too slow. It ignores case and accents and compares numbers in texts by size; blanks
    are last.
    """
    chance = random.Random(1)
    letters = "aAbBzZ\u00e4\u00c4\u00e9\u00f1\u0142 -_.,;:!?'()@*/&#%+<=>$0012399\u0416\u0436\u4e2d"
    lists = [["Kunde-10", "Kunde-9", "kunde-009", "", " ", "\u00c4pfel", "apfel", "Zoo", "10", "9", "1.5", "1.10"]]
    for _ in range(amount):
        prefix = chance.choice(["", "CUST-0000-", "x" * 40])
        lists.append([prefix + "".join(chance.choices(letters, k=chance.randrange(14))) for _ in range(2_000)])
    assert run(modules, SORT_TEXTS, *lists) == [[] for _ in lists]


ORDER_NUMBERS = """
    const { orderBy } = await import("/static/number_order.js");
    const keys = Float64Array.from(given[0], (number) => number ?? NaN);
    const members = Uint32Array.from(given[1]);
    return [false, true].map((descending) => [...orderBy(keys, members, { descending })]);
"""


def test_numbers_of_any_size_and_sign_are_in_order_and_equal_ones_keep_their_order(modules):
    chance = random.Random(3)
    odd = [0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 1, -1, 0.5, None, 2**53, 2**53 + 2]
    numbers = [chance.choice([*odd, chance.uniform(-1, 1), chance.uniform(-1e9, 1e9)]) for _ in range(3_000)]
    members = chance.sample(range(3_000), 2_000)
    known = [member for member in members if numbers[member] is not None]
    unknown = [member for member in members if numbers[member] is None]
    assert run(modules, ORDER_NUMBERS, numbers, members) == [
        sorted(known, key=lambda member: numbers[member]) + unknown,
        sorted(known, key=lambda member: -numbers[member]) + unknown,
    ]


def test_the_first_n_may_be_those_with_the_highest_gain_and_gains_sort(modules):
    drawn = {"names": ["id"], "records": [["a"], ["b"], ["c"], ["d"]], "probabilities": [0.9, 0.8, 0.7, 0.1]}
    script = """
        const view = new module.ListView(make(module, given[0]));
        const before = view.matching;
        view.change({ gains: Float64Array.of(-5, 10, 40, 20), first: 2, firstBy: "gain" });
        const byRisk = [...view.shown];
        view.change({ sort: "gain", descending: true, first: Infinity });
        const byGain = [...view.shown];
        view.change({ sort: "row", descending: false, search: "c" });
        return [byRisk, byGain, [...view.shown], before.length];
    """
    assert run(modules, script, drawn) == [[2, 3], [2, 3, 1, 0], [2], 4]


def test_a_column_is_numeric_where_half_of_its_values_are_numbers(modules):
    drawn = {"names": ["id", "half", "few"], "records": [["1", "1,5", "3"], ["2", "x", "y"], ["3", "", "z"]]}
    script = """
        const view = new module.ListView(make(module, { ...given[0], probabilities: [0, 0, 0], mark: "comma" }));
        return [1, 2].map((place) => view.numbersOf(place) && [...view.numbersOf(place)].map(String));
    """
    assert run(modules, script, drawn) == [["1.5", "NaN", "NaN"], None]
