"""The fast reader of customers in JSON: clean spelling, with exactly the contract's fields.

Decoding is most of the check. Most customers that programs send are in this form, and take half as long. Any other
customer gives None here, which does not refuse it: the ways that read any spelling decide.
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
_LEAST_BYTES = len('"":0,')  # of a field, without its name
_UNNAMED = re.compile(r'["\\\x00-\x1f]')  # JSON escapes these, and msgspec refuses them in a field's name


class JsonCustomers:
    """Decodes and scores customers of a contract, one or many; `limits` are those of its numbers.

    If a field's name has characters that JSON escapes, no customer of the contract is decoded here: all give None.
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
        short = {name: f"f{number}" for number, name in enumerate(kinds)}  # a field's name need not be an identifier
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
        """The scored customer in a JSON text; None for one that must be read in another way."""
        try:
            # Each field is there and has a colon, so as many colons as fields means that no field is there twice.
            return self._place(self._decode(body)) if body.count(b":") == self._n_fields else None
        except _UNREAD:
            return None

    def decode_list(self, body: bytes, *, most: int) -> list[Any] | None:
        """The customers of a JSON array, for place_decoded.

        None if there are more than `most`, or if one of them must be read in another way.
        """
        if len(body) > most * self._least_bytes and body.count(b"{") > most:
            return None
        try:
            customers = self._decode_list(body)
        except _UNREAD:
            return None
        return customers if body.count(b":") == self._n_fields * len(customers) else None

    def place_decoded(self, customers: Sequence[Any]) -> PlacedList | None:
        """The scored customers of decode_list, in order; None if one of them must be read in another way."""
        try:
            return self._place_list(customers)
        except REFUSED:
            return None


def _decode_none(body: bytes) -> NoReturn:
    raise ValueError("decoded in another way")
