"""The scored customers of a list by column: the content of the file and of the answers, without refused rows."""

import random

import pytest

from tests.page_lists import run

pytestmark = pytest.mark.browser


def test_customers_are_the_rows_that_were_scored_with_their_cells_and_reasons(modules):
    """Holds over several pieces and past the initial capacity. Columns of an earlier answer are left out."""
    chance = random.Random(5)
    names = [" Kunde ", "Contract", "churn_probability", "churn", ""]
    pieces, expected = [], []
    for piece in range(3):
        records, rows, members = [], [], []
        for number in range(700):
            row = piece * 1000 + number
            record = [f"K{chance.randrange(900)}", chance.choice(["One year", "Two year"]), "0.5", "true", "x"]
            if chance.random() < 0.1:
                record = record[:1]  # a short row
            member: dict = {"problems": ["bad"]} if chance.random() < 0.2 else {"churn_probability": chance.random()}
            if "problems" not in member:
                reasons = [
                    {
                        "field": "contract",
                        "value": chance.choice(["one_year", 3]),
                        "contribution": chance.uniform(-1, 1),
                    }
                    for _ in range(chance.randrange(4))
                ]
                member |= {"churn": member["churn_probability"] >= 0.5, "reasons": reasons}
                cells = [record[0], record[1] if len(record) > 1 else "", record[4] if len(record) > 1 else ""]
                expected.append([row, member["churn_probability"], int(member["churn"]), cells, reasons])
            records.append(record)
            rows.append(row)
            members.append(member)
        pieces.append([{"records": records, "rows": rows}, members])
    script = """
        const [names, pieces] = given;
        const sent = ["Kunde", "Contract", names[2], names[3], names[4]];
        const customers = new module.Customers({ names, sent, fieldNames: new Set(["contract"]), replaced: [2, 4] });
        for (const [piece, members] of pieces) customers.add(piece, members);
        const { rows, probabilities, leaving, columns } = customers;
        const all = [...Array(customers.length).keys()].map((number) => [rows[number], probabilities[number],
            leaving[number], columns.map((column) => column.at(number)), customers.reasonsOf(number)]);
        const strongest = customers.strongest(({ field, value }) => `${field} ${value}`);
        return [customers.columns.map(({ name, field }) => [name, field]), all, customers.cellsOf(0),
            customers.columnOf("contract") === customers.columns[1], all.map((_, number) => strongest.at(number))];
    """
    columns, customers, cells, is_found, strongest = run(modules, script, names, pieces)
    assert columns == [["Kunde", None], ["Contract", "contract"], ["Column 5", None]]
    assert customers == expected
    assert len(customers) > 1_500
    assert (cells, is_found) == ({"contract": expected[0][3][1]}, True)
    assert strongest == [
        f"{reasons[0]['field']} {reasons[0]['value']}" if reasons else "" for *_, reasons in expected
    ]


IDENTIFYING = {
    "all different": (["Konto", "Vorname", "Region"], [[f"A{n}", f"V{n % 40}", f"R{n % 3}"] for n in range(60)], [0]),
    "called so": (["Name", "Plan", "E-Mail"], [["Ann", "a", "x"], ["Ann", "b", "x"], ["Ann", "a", "y"]] * 9, [0, 2]),
    "at most three": ([f"customer id {n}" for n in range(5)], [[f"{n}"] * 5 for n in range(30)], [0, 1, 2]),
    "amounts are none": (["Saldo", "Notiz"], [[f"{n}.25", "-"] for n in range(60)], [0]),
    "no name for it": (["a", "b"], [["x", "y"]] * 30, [0]),
    "none of one's own": (["plan"], [["x"]] * 30, []),
}


@pytest.mark.parametrize(("names", "records", "places"), IDENTIFYING.values(), ids=IDENTIFYING.keys())
def test_own_columns_that_identify_customers_are_found(modules, names, records, places):
    given = {"names": names, "records": records, "probabilities": [0.5] * len(records), "fields": ["plan"]}
    script = "return module.findIdentifying(new module.ListView(make(module, given[0])));"
    assert run(modules, script, given) == places
