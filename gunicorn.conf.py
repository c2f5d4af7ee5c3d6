"""How gunicorn runs the service; `gunicorn predict:app` finds this file by its name."""

import os
import sys

from churn.errors import SettingError
from churn.web.settings import read_settings

try:
    _settings = read_settings(os.environ)
except SettingError as error:
    sys.exit(f"gunicorn.conf.py: {error}")

bind = f"0.0.0.0:{_settings.port}"
loglevel = _settings.log_level

# Loaded and verified once, in the master: a bad model file is one line and exit 1, and a worker that dies is
# replaced from memory, whatever is on disk by then.
preload_app = True

# A thread waits on a slow client without holding up the others.
worker_class = "gthread"
threads = 16

# Longer than a load balancer's idle time of 60 s, so that it never reuses a connection that is just being closed.
keepalive = 75

# Nothing steers a running gunicorn from outside but signals.
control_socket_disable = True
