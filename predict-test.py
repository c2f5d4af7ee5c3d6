"""The marketing service in a page of code: asks for a customer's churn probability and decides on a promo email.

python predict-test.py [URL]
"""

import os
import sys

try:
    import requests
except ModuleNotFoundError:
    sys.exit("predict-test.py needs requests: make install, then .venv/bin/python predict-test.py")

URL = sys.argv[1] if len(sys.argv) > 1 else "localhost:9696"
URL = URL if "://" in URL else f"http://{URL}"

customer = {
    "gender": "female",
    "seniorcitizen": 0,
    "partner": "yes",
    "dependents": "no",
    "phoneservice": "no",
    "multiplelines": "no_phone_service",
    "internetservice": "dsl",
    "onlinesecurity": "no",
    "onlinebackup": "yes",
    "deviceprotection": "no",
    "techsupport": "no",
    "streamingtv": "no",
    "streamingmovies": "no",
    "contract": "month-to-month",
    "paperlessbilling": "yes",
    "paymentmethod": "electronic_check",
    "tenure": 24,
    "monthlycharges": 29.85,
    "totalcharges": 24 * 29.85,
}
api_key = os.environ.get("API_KEY")
headers = {"Authorization": f"Bearer {api_key.split(',')[0]}"} if api_key else {}

try:
    response = requests.post(URL.rstrip("/") + "/predict", json=customer, headers=headers, timeout=10)
except (requests.RequestException, ValueError) as error:
    sys.exit(f"no answer from {URL}: {type(error).__name__}")
if response.status_code != 200:
    sys.exit(f"{response.url} answers {response.status_code}: {' '.join(response.text.split())[:500]}")

try:
    answer = response.json()
    promo = answer["churn"]
    if not isinstance(promo, bool):
        raise TypeError
except (ValueError, TypeError, KeyError):
    sys.exit(f"{response.url} answers 200, but no prediction: {' '.join(response.text.split())[:500]}")

print(answer)
print("sending promo email to xyz-123" if promo else "not sending promo email to xyz-123")
