"""Makes a model file with whatever scikit-learn runs this, and notes that scikit-learn's own answers.

    python tests/models/make.py [--multinomial] [--labels] [--protocol N]

Run once per version, in an environment that has just that scikit-learn (0.24.2 on Python 3.8 to 1.9.1 on 3.11);
the files and expected.json are kept, so that the tests need no old version. The model is the course's, on the
first 1,000 customers of the table; the answers are those for the first 25.
"""

import argparse
import csv
import json
import pickle
from pathlib import Path

import numpy
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

here = Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("--multinomial", action="store_true", help="softmax over two classes, before 1.8")
parser.add_argument("--labels", action="store_true", help="'no' and 'yes' for classes, C as a NumPy scalar")
parser.add_argument("--protocol", type=int, default=pickle.DEFAULT_PROTOCOL)
options = parser.parse_args()

with (here.parent.parent / "data" / "telco-churn.csv").open() as file:
    rows = [
        {key.lower(): value.strip().lower().replace(" ", "_") for key, value in row.items()}
        for row in csv.DictReader(file)
    ][:1000]
y = [row.pop("churn") if options.labels else int(row.pop("churn") == "yes") for row in rows]
for row in rows:
    for name in ("seniorcitizen", "tenure", "monthlycharges", "totalcharges"):
        row[name] = float(row[name] or 0)

dv = DictVectorizer(sparse=False)
X = dv.fit_transform(rows)
settings = {"multi_class": "multinomial"} if options.multinomial else {}
C = numpy.float64(1.0) if options.labels else 1.0
model = LogisticRegression(C=C, max_iter=5000, **settings).fit(X, y)

kind = "-multinomial" * options.multinomial + "-labels" * options.labels
kind += "" if options.protocol == pickle.DEFAULT_PROTOCOL else f"-protocol{options.protocol}"
name = f"sklearn-{sklearn.__version__}{kind}.bin"
(here / name).write_bytes(pickle.dumps((dv, model), protocol=options.protocol))

notes = here / "expected.json"
expected = json.loads(notes.read_text()) if notes.exists() else {}
expected[name] = [float(probability) for probability in model.predict_proba(X[:25])[:, 1]]
notes.write_text(json.dumps(expected, indent=0, sort_keys=True) + "\n")
