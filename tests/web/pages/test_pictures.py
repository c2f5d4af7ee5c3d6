"""The pictures of the page in README.md and docs/page.md show the current page."""

import re

import pytest

from tests.customers import PROJECT
from tests.page_pictures import FOLDER, MOST_BYTES, PICTURES, take_picture


@pytest.mark.browser
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_the_current_page(browser, service, tmp_path, name):
    """The states can be reached and the size is the same; letters differ with the machine's fonts."""
    taken = take_picture(browser, service.url, name, tmp_path).read_bytes()
    kept = (FOLDER / f"{name}.png").read_bytes()
    assert kept[16:24] == taken[16:24]  # width and height
    assert len(kept) <= MOST_BYTES


def test_the_tour_shows_each_picture_once_with_a_description():
    shown = re.findall(r"^!\[(.+)\]\(pictures/(.+)\.png\)$", (PROJECT / "docs" / "page.md").read_text(), re.MULTILINE)
    assert sorted(name for _, name in shown) == sorted(PICTURES) == sorted(path.stem for path in FOLDER.iterdir())
    assert all(len(words) > 30 for words, _ in shown)
