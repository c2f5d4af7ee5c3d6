"""The pictures of the page in README.md and docs/page.md are of this page."""

import re

import pytest

from tests.customers import PROJECT
from tests.page_pictures import FOLDER, MOST_BYTES, PICTURES, take_picture


@pytest.mark.browser
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_this_page(browser, service, tmp_path, name):
    """The states can be reached, and the size is the same; letters differ by the machine's fonts."""
    taken = take_picture(browser, service.url, name, tmp_path).read_bytes()
    kept = (FOLDER / f"{name}.png").read_bytes()
    assert kept[16:24] == taken[16:24]  # width and height
    assert len(kept) <= MOST_BYTES


def test_the_tour_shows_each_picture_once_and_says_what_is_on_it():
    shown = re.findall(r"^!\[(.+)\]\(pictures/(.+)\.png\)$", (PROJECT / "docs" / "page.md").read_text(), re.MULTILINE)
    assert sorted(name for _, name in shown) == sorted(PICTURES) == sorted(path.stem for path in FOLDER.iterdir())
    assert all(len(words) > 30 for words, _ in shown)
