"""This service's own gunicorn.conf.py, for apps without a model: without the start of predict.py's threads."""

from pathlib import Path
from runpy import run_path

_service = run_path(str(Path(__file__).parents[2] / "gunicorn.conf.py"))
globals().update({name: value for name, value in _service.items() if not name.startswith("_")})
del post_worker_init  # noqa: F821 (it imports predict.py)
