"""The serving process: settings, logs, the served model, metrics, gunicorn's worker. Knows no Flask."""
