"""Makes a file with one version of joblib, and records scikit-learn's own predict_proba for it.

    python tests/models/joblib/make.py FOLDER

FOLDER is where that joblib is installed (`pip install --no-deps --target FOLDER joblib==1.1.1`); scikit-learn keeps
its own. The files and expected.json are stored, so that the tests need no old version. The model is fitted to the
first 1,000 customers of the table, with texts for classes; the answers are those for the first 25.
"""

import csv
import json
import sys
from pathlib import Path

import numpy
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

for name in [name for name in sys.modules if name.split(".")[0] == "joblib"]:
    del sys.modules[name]
sys.path.insert(0, sys.argv[1])
import joblib  # noqa: E402

here = Path(__file__).resolve().parent
with (here.parents[2] / "data" / "telco-churn.csv").open() as file:
    rows = [
        {key.lower(): value.strip().lower().replace(" ", "_") for key, value in row.items()}
        for row in csv.DictReader(file)
    ][:1000]
y = [row.pop("churn") for row in rows]
for row in rows:
    for number in ("seniorcitizen", "tenure", "monthlycharges", "totalcharges"):
        row[number] = float(row[number] or 0)

dv = DictVectorizer(sparse=False)
X = dv.fit_transform(rows)
model = LogisticRegression(max_iter=5000).fit(X, numpy.array(y, dtype=object))

name = f"joblib-{joblib.__version__}.joblib"
joblib.dump((dv, model), str(here / name))
notes = here / "expected.json"
expected = json.loads(notes.read_text()) if notes.exists() else {}
expected[name] = [float(probability) for probability in model.predict_proba(X[:25])[:, 1]]
notes.write_text(json.dumps(expected, indent=0, sort_keys=True) + "\n")
