"""Customers as JSON in clean spelling, with their fields and no others: to decode one is nearly all of its check.

Most customers that programs send are such, and take half as long. Whoever is not is None here, which says nothing
against it: the ways that read any spelling decide.
"""

import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import Meta

from churn.model.contract import Contract
from churn.model.fields import Category, Flag
from churn.model.placing import REFUSED, Placed, PlacedList, Placer, Sums
from churn.model.shapes import Limits

_UNREAD = (*REFUSED, msgspec.MsgspecError, RecursionError)  # UnicodeDecodeError is a ValueError
_LEAST_BYTES = len('"":0,')  # of a field, beside its name
_UNNAMED = re.compile(r'["\\\x00-\x1f]')  # which JSON spells otherwise, and msgspec takes in no field's name


class JsonCustomers:
    """Decodes and places customers of a contract, one or many; `limits` are those of its numbers.

    A contract with a name that JSON spells otherwise has none that could be decoded so.
    """

    def __init__(self, contract: Contract, limits: Limits, sums: Sums) -> None:
        self._n_fields = len(contract.fields)
        self._decode: Callable[[bytes], Any] = _decode_none
        self._decode_list: Callable[[bytes], list[Any]] = _decode_none
        kinds: dict[str, Any] = {}
        for field in contract.fields:
            if isinstance(field, Category):
                kinds[field.name] = Literal[field.categories or ("",)]
            elif isinstance(field, Flag):
                kinds[field.name] = float
            else:
                lowest, highest = limits[field.name]
                kinds[field.name] = Annotated[float, Meta(ge=lowest, le=highest)]
        short = {name: f"f{number}" for number, name in enumerate(kinds)}  # a field's name may be no identifier
        placer = Placer(sums, lambda *names: attrgetter(*(short[name] for name in names)))
        self._place, self._place_list = placer.place, placer.place_list
        self._least_bytes = sum(len(name.encode()) + _LEAST_BYTES for name in kinds) + 1
        if any(map(_UNNAMED.search, kinds)):
            return
        customer = msgspec.defstruct(
            "Customer",
            [(short[name], kind) for name, kind in kinds.items()],
            rename={own: name for name, own in short.items()},
            forbid_unknown_fields=True,
            gc=False,
        )
        self._decode = msgspec.json.Decoder(customer).decode
        self._decode_list = msgspec.json.Decoder(list[customer]).decode  # type: ignore[valid-type]

    def place(self, body: bytes) -> Placed | None:
        """The customer that is a whole JSON text; None for one that is to be read in another way."""
        try:
            # Each field is there, and has a colon. As many colons as fields means that none is there twice.
            return self._place(self._decode(body)) if body.count(b":") == self._n_fields else None
        except _UNREAD:
            return None

    def decode_list(self, body: bytes, *, most: int) -> list[Any] | None:
        """The customers of a JSON array, for place_decoded; None where one of them, or where more than `most`, are to
        be read in another way.
        """
        if len(body) > most * self._least_bytes and body.count(b"{") > most:
            return None
        try:
            customers = self._decode_list(body)
        except _UNREAD:
            return None
        return customers if body.count(b":") == self._n_fields * len(customers) else None

    def place_decoded(self, customers: Sequence[Any]) -> PlacedList | None:
        """Customers of decode_list, in order; None where one of them is to be read in another way."""
        try:
            return self._place_list(customers)
        except REFUSED:
            return None


def _decode_none(body: bytes) -> NoReturn:
    raise ValueError("decoded in another way")
