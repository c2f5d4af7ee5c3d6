"""The files of the pages for people, and the pages' Content-Security-Policy."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound

STATIC = Path(__file__).parent / "static"
"""The folder of this project's files."""

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
"""A page's Content-Security-Policy: only files of this service, and no script or style inside the page."""

_MIMETYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml"}

_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Edition:
    """A folder's files at one moment, by their digests. The name changes when any file does."""

    name: str
    digests: dict[str, str]

    def has(self, name: str, content: bytes) -> bool:
        """True if this edition has a file with this name and content."""
        return self.digests.get(name) == sha256(content).hexdigest()


def read_edition(folder: Path) -> Edition:
    """The edition of a folder's files as they are now."""
    digests = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }
    return Edition(sha256(repr(digests).encode()).hexdigest()[:16], digests)


def send_asset(folder: Path, name: str, edition: Edition | None = None) -> Response:
    """A file of a folder. A browser keeps it for a year if `edition` has this file.

    Without an edition, or when the file has changed since, the browser asks each time, and gets 304 if its copy is
    current. Raises NotFound for a name that is not in the folder, and for a file ending without a known media type.
    (The media types are listed here because the system's own table differs between machines.)
    """
    if name not in {file.name for file in folder.iterdir()} or Path(name).suffix not in _MIMETYPES:
        raise NotFound
    content = (folder / name).read_bytes()
    response = Response(content, mimetype=_MIMETYPES[Path(name).suffix])
    if edition and edition.has(name, content):
        response.cache_control.public = response.cache_control.immutable = True
        response.cache_control.max_age = _YEAR_S
    else:
        response.cache_control.no_cache = True
    response.add_etag()
    if not request.if_match:  # If-Match could make it a 412, which no client of a page expects
        response.make_conditional(request)
    return response
