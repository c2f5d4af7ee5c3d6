"""How gunicorn runs the service; `gunicorn predict:app` finds this file by its name.

Read anew on SIGHUP, in the same process: what must outlive that is kept in churn.server.shared_folder.
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

# One for each core that the container may really use; more would only take turns.
workers = int(os.environ.get("WEB_CONCURRENCY", usable_cores()))  # gunicorn's own variable

# Loaded and verified once, in the master: a bad model file is one line and exit 1, and a worker that dies is
# replaced from memory, whatever is on disk by then.
preload_app = True

# A thread waits on a slow client without holding up the others: 16 of them for clients that stall in the middle of a
# request. Who says nothing at all takes none, see the worker.
worker_class = "churn.server.worker.Worker"  # gthread, see there
threads = 8

# Longer than a load balancer's idle time of 60 s, so that it never reuses a connection that is just being closed.
keepalive = 75

# Past these, connections wait in the backlog, then are turned away by the kernel: a queue that nobody waits for any
# more is no service.
worker_connections = 2048
backlog = 512

# A stopping worker finishes what it answers: 7 s is longer than an answer takes, its wait for a turn included, and a
# SIGTERM in the middle of a SIGHUP, which waits twice, still ends within the 15 s that a stop may take.
graceful_timeout = 7

# A worker whose heart has not beaten for so long hangs as a whole, and is replaced. (An answer that takes long is no
# reason: it has a thread of its own.)
timeout = 30

# Nobody's: neither a client's address nor its scheme is used for anything. (On a Unix socket gunicorn believes
# everybody, so it is told to look for nothing.)
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# A customer's request line and headers are short; what is not is refused before it is read.
limit_request_line = 2048
limit_request_fields = 50
limit_request_field_size = 16380

# Nothing steers a running gunicorn from outside but signals, and a read-only root has no room for its socket.
control_socket_disable = True

# A worker's heartbeat is a file; in memory it can't be delayed by a disk, and needs no writable root.
worker_tmp_dir = IN_MEMORY


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger without its access lines: ACCESS_LOG switches the app's own, which carry the request id."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Writes nothing."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Logs an exception with its traceback; a stalled client's time running out is none."""
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

# prometheus-client looks at this when it is first imported, which predict.py does.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)

_STALLED_S = 5


def on_starting(server: Any) -> None:
    """Ends what can't serve: without a worker gunicorn would listen and never answer; a port may be in use."""
    if server.cfg.workers < 1:
        sys.exit("gunicorn.conf.py: WEB_CONCURRENCY must be 1 or more")
    if server.master_pid or listen_fds(unset_environment=False) or server.cfg.reuse_port:
        return  # it listens already, by the gunicorn that it replaces or by systemd, or shares its port
    for address in server.cfg.address:
        try:
            if isinstance(address, tuple):
                check_port(*address[:2], command="make serve")
        except PortError as error:
            sys.exit(f"gunicorn.conf.py: {error}")


def when_ready(server: Any) -> None:
    """A client that stalls in the middle of a request, or of taking its answer, is cut off after 5 s."""
    patience = struct.pack("ll", _STALLED_S, 0)
    for listener in server.LISTENERS:  # connections inherit it
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        address = listener.sock.getsockname()
        if _settings.log_format == "console" and isinstance(address, tuple):  # a person reads it
            server.log.info("the page is at %s", page_address(*address[:2]))


def post_worker_init(worker: Any) -> None:
    """Threads do not survive a fork, so each worker starts its own."""
    import predict

    predict.start_worker()


def child_exit(server: Any, worker: Any) -> None:
    """A dead worker's counts stay, its files go: they would fill the memory, and without room no worker can start."""
    from churn.server.metric_files import fold_dead_workers

    try:
        fold_dead_workers(_folder, living={os.getpid(), *server.WORKERS})
    except Exception:  # which would end the master
        server.log.exception("the metrics of a dead worker stay in its own files, for now")
