"""Lists of customers as the page holds them, made without a service: a script that makes them, and drawn lists."""

import random

PREFIX = """
    const [given] = arguments;
    const load = async () => {
        const names = [
            "customers", "list_view", "histogram", "segments", "list_columns", "reason_words", "text_groups",
        ];
        const loaded = await Promise.all(names.map((name) => import(`/static/${name}.js`)));
        return Object.assign({}, ...loaded);
    };
    const make = ({ Customers }, { names, records, probabilities, reasons = [], mark = "point", fields = [] }) => {
        const customers = new Customers({ names, sent: names, fieldNames: new Set(fields), replaced: [0, 0] });
        const members = probabilities.map((p, at) => (
            { churn_probability: p, churn: p >= 0.5, reasons: reasons[at] ?? [] }));
        customers.add({ records, rows: records.map((_, at) => at + 2) }, members);
        customers.decimalMark = mark;
        return customers;
    };
"""
"""`make` returns Customers from Python's values; `load` returns the modules that it needs."""

NAMES = ["id", "Kunde", "city", "plan", "spend"]
FIELDS = ["plan"]


def run(page, script: str, *given):
    """The value that a script returns. It may use `make`, `module` and `given`, and it may await."""
    body = "return (async () => { const module = await load(); " + script + " })()"
    return page.run(PREFIX + body, list(given))


def draw_list(chance: random.Random, rows: int) -> dict:
    """A list with names of any letters, few cities, a field, and numbers of which some cells are no numbers."""
    letters = "abcABC\u00e4\u00e9\u00d6 -0123456789"
    records = [
        [
            f"{chance.randrange(10 ** chance.randrange(1, 6))}-{chance.choice('xYz')}",
            "".join(chance.choices(letters, k=chance.randrange(12))),
            chance.choice(["Bonn", "bonn ", "K\u00f6ln", "", "Ulm"]),
            chance.choice(["Basic", "basic", "Pro"]),
            chance.choice([f"{chance.uniform(-50, 900):.{chance.randrange(4)}f}", "", "n/a", "12"]),
        ]
        for _ in range(rows)
    ]
    probabilities = [chance.choice([round(chance.random(), 2), chance.random(), 0.0, 1.0]) for _ in range(rows)]
    return {"names": NAMES, "fields": FIELDS, "records": records, "probabilities": probabilities}
