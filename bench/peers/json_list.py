"""Scores a list as this service does, without HTTP, in a process of its own. Prints like sklearn_list."""

import json
import sys

from bench.customers import MODEL, clean_customers
from bench.machine import took
from churn.model.file import load_model
from churn.web.answers import answer_json
from churn.web.queries import NOTHING


def main(count: int, turns: int) -> None:
    model = load_model(MODEL)
    body = json.dumps(clean_customers(count)).encode()
    answer_json(model, body, NOTHING)
    for _ in range(turns):
        print(*took(lambda: answer_json(model, body, NOTHING)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
