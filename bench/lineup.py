"""The servers that `make bench` measures, and the comparisons between them.

A server whose name ends in KEYED has an API key, and each request to it has the headers of production. It must refuse
requests without the key.
"""

import sys
from dataclasses import replace

from bench.machine import NGINX
from bench.production_head import HEAD, KEY, KEY_HEADER
from bench.running import Server

KEYED = ", key and head"
_LOCK = {"API_KEY": KEY}
_HEAD = {**HEAD, KEY_HEADER: KEY}

_GUNICORN = (sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}")
_STOCK = ("--config", "bench/peers/stock.conf.py")
_CONSTANT = ("--config", "bench/peers/constant.conf.py")  # gunicorn.conf.py without its model
_UVICORN = (sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--loop", "uvloop")
_UVICORN += ("--http", "httptools", "--no-access-log", "--log-level", "warning")
_GRANIAN = (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}")
_GRANIAN += ("--log-level", "warning", "--no-ws")
_NGINX = (sys.executable, "-m", "bench.peers.nginx", "{port}", "{folder}")
_NO_NGINX = "" if NGINX else "nginx is not installed: apt-get install nginx-light"
_ONE_WORKER = {"WEB_CONCURRENCY": "1"}


def _keyed(server: Server) -> Server:
    """The same server with an API key and the headers of production."""
    return replace(server, name=server.name + KEYED, environ={**server.environ, **_LOCK}, head=_HEAD)


def _constant(name: str, command: tuple[str, ...], *, missing: str = "") -> Server:
    """A server with a constant answer: it has no model and checks no customer."""
    return Server(name, command, _ONE_WORKER, scores=False, checks=False, missing=missing)


SERVICE = Server("this service", (*_GUNICORN, "predict:app"), _ONE_WORKER)
SERVICE_KEYED = _keyed(SERVICE)
COURSE = Server("course's view: Flask, scikit-learn", (*_GUNICORN, *_STOCK, "bench.peers.course:app"), checks=False)
FASTAPI = Server("FastAPI, scikit-learn", (*_UVICORN, "bench.peers.fastapi_sklearn:app"))
TWIN = Server("FastAPI, our weights", (*_UVICORN, "bench.peers.fastapi_weights:app"))
TWIN_KEYED = _keyed(TWIN)
BY_HAND = Server("FastAPI, our weights, body by hand", (*_UVICORN, "bench.peers.fastapi_by_hand:app"))
BY_HAND_KEYED = _keyed(BY_HAND)
BARE = Server("bare ASGI app", (*_UVICORN, "--lifespan", "off", "bench.peers.bare_asgi:app"), checks=False)
BARE_KEYED = _keyed(BARE)
FLASK = _constant("constant Flask view", (*_GUNICORN, *_CONSTANT, "bench.peers.constant:flask_app"))
WSGI = _constant("constant WSGI app", (*_GUNICORN, *_CONSTANT, "bench.peers.constant:wsgi_app"))
GRANIAN = _constant("constant WSGI app on granian", (*_GRANIAN, "bench.peers.constant:wsgi_app"))
CONSTANT = _constant("nginx answering a constant", _NGINX, missing=_NO_NGINX)
CONSTANT_KEYED = _keyed(CONSTANT)

SERVERS = (
    SERVICE,
    SERVICE_KEYED,
    COURSE,
    FASTAPI,
    TWIN,
    TWIN_KEYED,
    BY_HAND,
    BY_HAND_KEYED,
    BARE,
    BARE_KEYED,
    FLASK,
    WSGI,
    GRANIAN,
    CONSTANT,
    CONSTANT_KEYED,
)
BASES = (FLASK, FASTAPI, TWIN, BY_HAND, BARE, CONSTANT)
"""The servers that the ratios are relative to; KEYED_BASES are those with key and headers."""
KEYED_BASES = (TWIN_KEYED, BY_HAND_KEYED, BARE_KEYED, CONSTANT_KEYED)
TWINS = (FASTAPI, TWIN, BY_HAND)
TWINS_KEYED = (TWIN_KEYED, BY_HAND_KEYED)
