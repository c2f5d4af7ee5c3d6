"""The process that serves: settings, logs, the model that is served, metrics, gunicorn's worker. Knows no Flask."""
