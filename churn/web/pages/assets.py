"""What the pages for people are made of: the policy that they are under, and their files."""

from dataclasses import dataclass
from hashlib import sha256
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

_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Edition:
    """A folder's files at one moment, by their digests. Its name changes when any of them does."""

    name: str
    digests: dict[str, str]

    def has(self, name: str, content: bytes) -> bool:
        """Whether a file was in this edition, with this content."""
        return self.digests.get(name) == sha256(content).hexdigest()


def read_edition(folder: Path) -> Edition:
    """The edition of a folder's files as they are now."""
    digests = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }
    return Edition(sha256(repr(digests).encode()).hexdigest()[:16], digests)


def send_asset(folder: Path, name: str, edition: Edition | None = None) -> Response:
    """A file of a folder. A browser keeps it for good where the address names the edition that has it.

    Without an edition, or when the file has changed since, the browser asks each time, and gets 304 for what it has.
    Raises NotFound for a name that the folder has not, and for a kind that no page is made of. (What a machine thinks
    of an ending depends on the machine, so the kinds are ours.)
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
    if not request.if_match:  # which would make it a 412, and nobody asks for a page so
        response.make_conditional(request)
    return response
