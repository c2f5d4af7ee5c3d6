"""The files that pages are made of: sent with the same headers wherever they come from."""

from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

STATIC = Path(__file__).parent / "static"
"""Our own files."""

_MIMETYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml"}


def send_asset(folder: Path, name: str) -> Response:
    """A file of a folder; the browser keeps it, but asks each time whether there is a new one, or gets 304.

    Raises NotFound for what is not there, is outside of the folder, or is of a kind that no page is made of. (What a
    machine thinks of an ending depends on the machine, so the kinds are ours.)
    """
    path = safe_join(str(folder), name)
    mimetype = _MIMETYPES.get(Path(name).suffix)
    if path is None or mimetype is None or not Path(path).is_file():
        raise NotFound
    response = Response(Path(path).read_bytes(), mimetype=mimetype)
    response.cache_control.no_cache = True
    response.add_etag()
    if not request.if_match:  # which would make it a 412, and nobody asks for a page so
        response.make_conditional(request)
    return response
