"""The course's way to serve the model: unpickle it, transform a list of one dict, predict. It checks nothing."""

import pickle

from flask import Flask, Response, jsonify, request

from bench.customers import MODEL, add_logarithms

with MODEL.open("rb") as file:
    dv, model = pickle.load(file)

app = Flask("churn")


@app.post("/predict")
def predict() -> Response:
    customer = request.get_json()
    X = dv.transform([add_logarithms(customer)])
    churn_probability = model.predict_proba(X)[0, 1]
    return jsonify({"churn_probability": float(churn_probability), "churn": bool(churn_probability >= 0.5)})
