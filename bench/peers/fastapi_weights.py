"""The same service in FastAPI, with the same checks and our own weights: the same work without Flask and gunicorn."""

from fastapi import Response

from bench.peers.twin import Answer, Customer, answer, key_checks, new_app, weigh

app = new_app()


@app.post("/predict", response_model=Answer, dependencies=key_checks())
async def predict(customer: Customer) -> Response:  # type: ignore[valid-type]
    return answer(weigh(customer))
