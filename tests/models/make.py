"""Makes model files of many kinds with the scikit-learn that runs this, and records that scikit-learn's own answers.

    python tests/models/make.py [--all] [--again] [KIND ...]

Without a kind it makes the plain ones, which every version has; --all makes the others too. Run it once for each
version, in an environment with exactly that scikit-learn (0.24.2 on Python 3.8 to 1.9.1 on 3.11, there with pandas,
cloudpickle and dill; OPENBLAS_NUM_THREADS=1 saves minutes). The files are stored, and made again only with --again,
so that the tests need no old version.

expected.json has for each file: its kind, the scikit-learn that wrote it, the outcome (served; adopted: the service
refuses it, and adopt reads it; refused: both refuse it), what a refusal has to name, the file that goes with it, the
threshold in it, and `predict_proba(...)[:, 1]` of 25 customers, which customers.json has as the DictVectorizer saw
them.
"""

import argparse
import importlib.util
import json
from pathlib import Path

import sklearn
from fits import CUSTOMERS, ROWS
from kinds import KINDS, NEEDED

HERE = Path(__file__).resolve().parent


def file_name(name: str) -> str:
    return f"sklearn-{sklearn.__version__}{'' if name == 'pair' else '-' + name}.bin"


def make(name: str) -> dict:
    """Write the file of a kind and return its entry in expected.json."""
    kind = KINDS[name]
    steps, probabilities = kind.fit()
    content = kind.dump(kind.shape(steps))
    assert len(content) <= 50_000, (name, len(content))
    (HERE / file_name(name)).write_bytes(content)
    told = {"kind": name, "scikit_learn": sklearn.__version__, "outcome": kind.outcome}
    if kind.outcome == "refused":
        return dict(told, names=kind.names)
    if kind.beside:
        told["beside"] = file_name(kind.beside)
    if kind.threshold is not None:
        told["threshold"] = kind.threshold
    return dict(told, customers=kind.customers, probabilities=probabilities)


def write(name: str, content: object) -> None:
    (HERE / name).write_text(json.dumps(content, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--all", action="store_true", help="every kind that this environment can make")
    parser.add_argument("--again", action="store_true", help="makes files anew that are there")
    options = parser.parse_args()
    chosen = options.kinds or [name for name, kind in KINDS.items() if options.all or kind.plain]
    expected = json.loads((HERE / "expected.json").read_text())
    for name in chosen:
        if name in NEEDED and not options.kinds and not importlib.util.find_spec(NEEDED[name]):
            continue
        if options.again or not (HERE / file_name(name)).exists():
            expected[file_name(name)] = make(name)
            write("expected.json", expected)
    write("customers.json", {name: ROWS[name][:25] for name in CUSTOMERS})
