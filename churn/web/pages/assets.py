"""What the pages for people are made of: the policy that they are under, and their files."""

from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound

STATIC = Path(__file__).parent / "static"
"""Our own files."""

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""A page's Content-Security-Policy: files of this service and nothing else, no script or style inside the page."""

_MIMETYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml"}


def send_asset(folder: Path, name: str) -> Response:
    """A file of a folder; the browser keeps it, but asks each time whether there is a new one, or gets 304.

    Raises NotFound for a name that the folder has not, and for a kind that no page is made of. (What a machine thinks
    of an ending depends on the machine, so the kinds are ours.)
    """
    if name not in {file.name for file in folder.iterdir()} or Path(name).suffix not in _MIMETYPES:
        raise NotFound
    response = Response((folder / name).read_bytes(), mimetype=_MIMETYPES[Path(name).suffix])
    response.cache_control.no_cache = True
    response.add_etag()
    if not request.if_match:  # which would make it a 412, and nobody asks for a page so
        response.make_conditional(request)
    return response
