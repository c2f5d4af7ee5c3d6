"""Connections that wait for the same thing, the one that has waited longest first."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

_Connection = TypeVar("_Connection")


class Waiting(Generic[_Connection]):
    """What gunicorn uses of a deque, of which any member is removed as fast as the first."""

    def __init__(self) -> None:
        self._members: OrderedDict[_Connection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[_Connection]:
        return iter(self._members)

    def __getitem__(self, index: int) -> _Connection:
        """The first one, for 0. Raises IndexError when there is none, or for another index."""
        for first in self._members if index == 0 else ():
            return first
        raise IndexError(index)

    def append(self, connection: _Connection) -> None:
        """Puts a connection last, wherever it was before."""
        self._members[connection] = None
        self._members.move_to_end(connection)

    def remove(self, connection: _Connection) -> None:
        """Takes a connection out. Raises KeyError when it is not there."""
        del self._members[connection]

    def popleft(self) -> _Connection:
        """The first one, taken out. Raises KeyError when there is none."""
        return self._members.popitem(last=False)[0]
