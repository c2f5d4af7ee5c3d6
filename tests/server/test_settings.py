"""Settings: the defaults, every value that is accepted, and every value that stops the start."""

from pathlib import Path

import pytest

from churn.errors import SettingError
from churn.server.settings import Settings, WebSettings, read_settings


def test_an_empty_environment_and_empty_variables_give_the_defaults():
    web = WebSettings((), 10 * 2**20, access_log=False)
    defaults = Settings(Path("model_C=1.0.bin"), None, None, web, "info", "json", 9696)
    assert read_settings({}) == defaults
    assert (
        read_settings(
            dict.fromkeys(("MODEL_FILE", "POSITIVE_CLASS", "CHURN_THRESHOLD", "API_KEY", "PORT", "LOG_LEVEL"), "")
        )
        == defaults
    )


def test_every_setting_is_read():
    environ = {
        "MODEL_FILE": "/models/new.bin",
        "POSITIVE_CLASS": "Existing Customer ",
        "CHURN_THRESHOLD": "0.25",
        "API_KEY": "new, old",
        "MAX_CONTENT_LENGTH": "1000",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "console",
        "ACCESS_LOG": "on",
        "PORT": "80",
    }
    web = WebSettings(("new", "old"), 1000, access_log=True)
    assert read_settings(environ) == Settings(
        Path("/models/new.bin"), "Existing Customer ", 0.25, web, "warning", "console", 80
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("CHURN_THRESHOLD", ["-0.1", "1.1", "nan", "half"]),
        ("API_KEY", [",", "a,", "two words", "cl\u00e9", "a\nb"]),
        ("MAX_CONTENT_LENGTH", ["0", "-1", "1e6", "10MB", "9" * 30, "\u0663"]),
        ("LOG_LEVEL", ["loud"]),
        ("LOG_FORMAT", ["xml"]),
        ("ACCESS_LOG", ["maybe"]),
        ("PORT", ["0", "65536", "http"]),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_not_repeated(name, values):
    for value in values:
        with pytest.raises(SettingError, match=f"{name} must be") as error:
            read_settings({name: value})
        assert error.value.name == name
        assert len(value) < 3 or value not in str(error.value)
