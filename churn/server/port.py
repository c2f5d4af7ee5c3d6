"""The port that the service listens on: a check that it is free, and the address of the page there.

Checked before a server starts: gunicorn tries for five seconds, and does not say what to do.
"""

import errno
import socket

from churn.errors import PortError

_REASONS = {errno.EADDRINUSE: "is in use", errno.EACCES: "may not be used by this user"}
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 (compared, not listened on)


def check_port(host: str, port: int, *, command: str) -> None:
    """Check that a server can listen on a port. `command` is the command that starts the server.

    Raises PortError when another program listens there, or this user must not. The server itself finds other errors.
    """
    with socket.socket(_family_of(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: allows a port just closed
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in _REASONS:
                raise PortError(port, _REASONS[error.errno], command) from None


def page_address(host: str, port: int) -> str:
    """The address of the page, for a browser on the machine where the server listens.

    >>> page_address("0.0.0.0", 9696), page_address("::1", 80)
    ('http://localhost:9696/', 'http://[::1]:80/')
    """
    name = "localhost" if host in _EVERY_ADDRESS else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


def _family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
