"""Scores a list by scikit-learn alone, in a process of its own; prints a line of seconds for each turn."""

import pickle
import sys

from bench.customers import MODEL, add_logarithms, clean_customers
from bench.machine import took


def main(count: int, turns: int) -> None:
    dv, model = pickle.loads(MODEL.read_bytes())
    customers = [add_logarithms(customer) for customer in clean_customers(count)]  # not timed
    model.predict_proba(dv.transform(customers))
    for _ in range(turns):
        print(*took(lambda: model.predict_proba(dv.transform(customers))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
