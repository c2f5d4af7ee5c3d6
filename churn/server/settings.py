"""The service's settings, which the scripts read from the environment once. Owns their defaults and limits."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from churn.errors import SettingError

LOG_FORMATS = ("json", "console")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class WebSettings:
    """The settings for requests: known keys (without any, every route is open), the largest body, the access log."""

    api_keys: tuple[str, ...]
    max_content_length_bytes: int
    access_log: bool


@dataclass(frozen=True)
class Settings:
    """The settings that an operator can set. `threshold` (0 to 1) is None if the card's threshold applies.

    `positive_class` is the class of the customers who leave, None if the model's classes show which one it is.
    """

    model_file: Path
    positive_class: str | None
    threshold: float | None
    web: WebSettings
    log_level: str
    log_format: str
    port: int


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in an environment; an empty variable counts as unset. Raises SettingError for a bad value.

    >>> read_settings({"PORT": "8080"}).port, read_settings({}).web.max_content_length_bytes
    (8080, 10485760)
    """
    return Settings(
        model_file=read_model_file(environ),
        positive_class=read_positive_class(environ),
        threshold=_read_threshold(environ.get("CHURN_THRESHOLD")),
        web=WebSettings(
            api_keys=_read_keys(environ.get("API_KEY") or ""),
            max_content_length_bytes=_read_integer(environ, "MAX_CONTENT_LENGTH", 10 * 2**20, 1, 2**30),
            access_log=_read_choice(environ, "ACCESS_LOG", "off", ("off", "on")) == "on",
        ),
        log_level=_read_choice(environ, "LOG_LEVEL", "info", LOG_LEVELS),
        log_format=_read_choice(environ, "LOG_FORMAT", "json", LOG_FORMATS),
        port=_read_integer(environ, "PORT", 9696, 1, 65535),
    )


def read_model_file(environ: Mapping[str, str]) -> Path:
    """The path of the model file to serve."""
    return Path(environ.get("MODEL_FILE") or "model_C=1.0.bin")


def read_positive_class(environ: Mapping[str, str]) -> str | None:
    """The class of the customers who leave, as it is set; None if it is not set."""
    return environ.get("POSITIVE_CLASS") or None


def _read_threshold(text: str | None) -> float | None:
    if not text:
        return None
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    if not 0 <= threshold <= 1:
        raise SettingError("CHURN_THRESHOLD", "a probability, 0 to 1")
    return threshold


def _read_keys(text: str) -> tuple[str, ...]:
    """The keys in a comma-separated text; several, so that a new key can be added before the old one is removed."""
    if not text:
        return ()
    keys = tuple(key.strip() for key in text.split(","))
    if not all(key.isascii() and key.isprintable() and " " not in key and key for key in keys):
        raise SettingError("API_KEY", "keys of plain characters without spaces, separated by commas")
    return keys


def _read_choice(environ: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    choice = (environ.get(name) or default).lower()
    if choice not in choices:
        raise SettingError(name, f"one of {', '.join(choices)}")
    return choice


def _read_integer(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and lowest <= int(text) <= highest):
        raise SettingError(name, f"a whole number, {lowest} to {highest}")
    return int(text)
