"""Connections that wait for the same event, the one that has waited longest first."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

_Connection = TypeVar("_Connection")


class Waiting(Generic[_Connection]):
    """A queue with the methods of a deque that gunicorn uses; removing any member takes constant time."""

    def __init__(self) -> None:
        self._members: OrderedDict[_Connection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[_Connection]:
        return iter(self._members)

    def __getitem__(self, index: int) -> _Connection:
        """The first connection, for index 0. Raises IndexError when the queue is empty, or for another index."""
        for first in self._members if index == 0 else ():
            return first
        raise IndexError(index)

    def append(self, connection: _Connection) -> None:
        """Puts a connection last, wherever it was."""
        self._members[connection] = None
        self._members.move_to_end(connection)

    def remove(self, connection: _Connection) -> None:
        """Removes a connection. Raises KeyError when it is not in the queue."""
        del self._members[connection]

    def popleft(self) -> _Connection:
        """Removes the first connection: that connection. Raises KeyError when the queue is empty."""
        return self._members.popitem(last=False)[0]
