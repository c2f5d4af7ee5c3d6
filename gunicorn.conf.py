"""How gunicorn runs the service; `gunicorn predict:app` finds this file by its name.

gunicorn reads it again on SIGHUP, in the same process. State that must survive this is in churn.server.shared_folder.
"""

import os
import socket
import struct
import sys
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.systemd import listen_fds

from churn.installed import require_serving

require_serving("gunicorn.conf.py")

from churn.errors import PortError, SettingError, WriteError
from churn.server.cores import usable_cores
from churn.server.logs import logging_config
from churn.server.port import check_port, page_address
from churn.server.settings import read_settings
from churn.server.shared_folder import IN_MEMORY, shared_folder

try:
    _settings = read_settings(os.environ)
except SettingError as error:
    sys.exit(f"gunicorn.conf.py: {error}")

bind = f"0.0.0.0:{_settings.port}"

# One for each core that the container may use; more workers would only take turns.
workers = int(os.environ.get("WEB_CONCURRENCY", usable_cores()))  # gunicorn's own variable

# The model is loaded and verified once, in the master: a bad model file is one line and exit 1, and a worker that
# ends is replaced from memory, whatever is on disk then.
preload_app = True

# A thread can wait for a slow client without delaying others: half of them may wait for the rest of a large request.
# A client that sends nothing, or a small request slowly, takes up no thread: see the worker.
worker_class = "churn.server.worker.Worker"  # a gthread worker
threads = 8

# Longer than a load balancer's idle time of 60 s, so that it never reuses a connection that is being closed.
keepalive = 75

# Beyond these, connections wait in the backlog; then the kernel refuses them. A longer queue would only hold clients
# that have given up.
worker_connections = 2048
backlog = 512

# A stopping worker finishes its answers: 7 s is longer than an answer takes, including its wait for a turn. A SIGTERM
# during a SIGHUP, which waits twice, still ends within the 15 s that a stop may take.
graceful_timeout = 7

# A worker without a heartbeat for this long hangs as a whole, and is replaced. (A long answer is not a reason: it has
# a thread of its own.)
timeout = 30

# Trusts no proxy's headers: neither a client's address nor its scheme is used. (On a Unix socket gunicorn trusts
# every client, so the headers to look for are empty, too.)
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# The request line and headers of a customer's request are short; longer ones are refused before they are read.
limit_request_line = 2048
limit_request_fields = 50
limit_request_field_size = 16380

# A running gunicorn is controlled by signals only, and a read-only root has no place for its socket.
control_socket_disable = True

# A worker's heartbeat is a file; in memory a disk can't delay it, and it needs no writable root.
worker_tmp_dir = IN_MEMORY


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger without its access lines: ACCESS_LOG turns on the app's own, which have the request id."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Writes nothing."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Logs an exception with its traceback, but the timeout of a stalled client as one line."""
        if isinstance(sys.exc_info()[1], BlockingIOError | TimeoutError):
            self.info("a stalled client was cut off")
        else:
            super().exception(msg, *args, **kwargs)


logger_class = QuietLogger
logconfig_dict = logging_config(level=_settings.log_level, format=_settings.log_format)
loglevel = _settings.log_level

try:
    _folder = shared_folder(workers)
except WriteError as error:
    sys.exit(f"gunicorn.conf.py: {error}")

# prometheus-client reads this when it is first imported, which predict.py does.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)

_STALLED_S = 5


def on_starting(server: Any) -> None:
    """Exit if the service can't work: without a worker gunicorn would never answer, and a port may be in use."""
    if server.cfg.workers < 1:
        sys.exit("gunicorn.conf.py: WEB_CONCURRENCY must be 1 or more")
    if server.master_pid or listen_fds(unset_environment=False) or server.cfg.reuse_port:
        return  # it inherits a socket from the gunicorn that it replaces or from systemd, or shares its port
    for address in server.cfg.address:
        try:
            if isinstance(address, tuple):
                check_port(*address[:2], command="make serve")
        except PortError as error:
            sys.exit(f"gunicorn.conf.py: {error}")


def when_ready(server: Any) -> None:
    """Show the page's address; set a limit of 5 s for connections that gunicorn itself reads, as under TLS."""
    patience = struct.pack("ll", _STALLED_S, 0)
    for listener in server.LISTENERS:  # connections inherit the timeouts
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        address = listener.sock.getsockname()
        if _settings.log_format == "console" and isinstance(address, tuple):  # for a person
            server.log.info("the page is at %s", page_address(*address[:2]))


def post_worker_init(worker: Any) -> None:
    """Start each worker's own threads, since threads do not survive a fork."""
    import predict

    predict.start_worker()


def child_exit(server: Any, worker: Any) -> None:
    """Keep the counts of a worker that ended, but remove its files: they would fill the memory that workers need."""
    from churn.server.metric_files import fold_dead_workers

    try:
        fold_dead_workers(_folder, living={os.getpid(), *server.WORKERS})
    except Exception:  # which would end the master
        server.log.exception("the metrics of a dead worker stay in its own files, for now")
