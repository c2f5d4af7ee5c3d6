"""A report as the tests read it: its tags, and the words of each section."""

import re
from functools import cached_property
from html.parser import HTMLParser


class Page(HTMLParser):
    """A page as a test reads it: its tags, and the words of each section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: dict[str, list[str]] = {}
        self.section = ""
        self.feed(html)

    @cached_property
    def words(self) -> dict[str, str]:
        return {section: re.sub(r"\s+", " ", " ".join(texts)) for section, texts in self.texts.items()}

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "section":
            self.section = dict(attributes)["aria-labelledby"]

    def handle_data(self, data):
        self.texts.setdefault(self.section, []).append(data)

    def has(self, section: str, *words: str) -> bool:
        return all(text in self.words[section] for text in words)
