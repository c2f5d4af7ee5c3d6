"""The churn service: loads the model and answers POST /predict. Served by `gunicorn predict:app`.

`python predict.py` is the development server, on 127.0.0.1 only; `flask --app predict score` scores files.
"""

import logging
import os
import sys
from logging.config import dictConfig
from pathlib import Path

from churn.installed import require_serving

require_serving("predict.py")

import click

from churn.errors import ChurnError
from churn.server.fast_lane import FastLane
from churn.server.lane_counts import LaneCounts
from churn.server.logs import logging_config
from churn.server.metrics import Metrics
from churn.server.port import check_port
from churn.server.served_model import ServedModel, describe_model
from churn.server.settings import read_settings
from churn.web.app import create_app
from churn.web.lane_answer import make_lane_answer

logger = logging.getLogger(__name__)
made_folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")  # set by gunicorn.conf.py, for its workers
shared_folder = Path(made_folder) if made_folder else None

try:
    settings = read_settings(os.environ)
    if __name__ == "__main__":  # under gunicorn, gunicorn.conf.py does this
        check_port("127.0.0.1", settings.port, command="python predict.py")
        dictConfig(logging_config(level=settings.log_level, format=settings.log_format))
    served = ServedModel(
        settings.model_file,
        positive_class=settings.positive_class,
        threshold=settings.threshold,
        newest_pair=shared_folder / "newest-model" if shared_folder else None,
        counts_folder=shared_folder,
    )
except ChurnError as error:  # a service that can't be right must not start
    sys.exit(f"predict.py: {error}")

logger.info("model loaded", extra=describe_model(served.current))
if not settings.web.api_keys and logger.hasHandlers():  # a command of the app doesn't serve, and has no log
    logger.warning("API_KEY is not set: every route is open")

metrics = Metrics()
app = create_app(served, settings.web, metrics=metrics)

try:
    from churn.batch.command import score_command

    app.cli.add_command(score_command(lambda: served.current))
except ModuleNotFoundError as error:  # in the image, which only serves
    if not str(error.name).startswith("churn.batch"):
        raise

    @app.cli.command("score", context_settings={"ignore_unknown_options": True}, add_help_option=False)
    @click.argument("arguments", nargs=-1)
    def refuse_to_score(arguments: tuple[str, ...]) -> None:
        """Not here: this installation scores no files."""
        click.echo("score: this installation serves and scores no files: it has no churn.batch", err=True)
        sys.exit(2)


def start_worker() -> None:
    """Watch the model file from now on. Called once in each process that serves, after any fork."""
    served.watch(on_change=count_model_change)
    metrics.show_model(served.current.version)
    if shared_folder and not settings.web.access_log:
        app.extensions["fast_lane"] = FastLane(  # gunicorn's worker looks for it there
            make_lane_answer(served),
            LaneCounts(shared_folder),
            settings.web.api_keys,
            settings.web.max_content_length_bytes,
        )


def count_model_change(outcome: str) -> None:
    """Count the outcome of a change of the model file, "swapped" or "refused", and show which model serves now."""
    metrics.count_swap(outcome)
    metrics.show_model(served.current.version)


if __name__ == "__main__":
    start_worker()
    app.run(host="127.0.0.1", port=settings.port, debug=False)
