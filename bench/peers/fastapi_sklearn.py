"""The same service in FastAPI, with the same checks and scikit-learn: a typical service of today."""

import pickle

import sklearn
from fastapi import Response

from bench.customers import MODEL, add_logarithms
from bench.peers.twin import Answer, Customer, answer, new_app

# pydantic has checked every value, so scikit-learn need not check again.
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)

with MODEL.open("rb") as file:
    dv, model = pickle.load(file)

app = new_app()


@app.post("/predict", response_model=Answer)
async def predict(customer: Customer) -> Response:  # type: ignore[valid-type]
    X = dv.transform([add_logarithms(vars(customer))])
    return answer(float(model.predict_proba(X)[0, 1]))
