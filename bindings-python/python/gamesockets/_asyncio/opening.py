"""What `connect`, `listen` and the like answer: to be awaited, or entered with ``async with``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import TracebackType

    from gamesockets._asyncio.hub import Hub

_T = TypeVar("_T")


class Opening(Generic[_T]):
    """Something that is made when it is awaited, or for the time of an ``async with``."""

    __slots__ = ("_open", "_opened")

    def __init__(self, open_: Callable[[], Awaitable[_T]]) -> None:
        """Make nothing yet."""
        self._open = open_
        self._opened: list[_T] = []

    def __await__(self) -> Generator[object, None, _T]:
        """Make it; whoever awaits has to close it."""
        return self._open().__await__()

    async def __aenter__(self) -> _T:
        """Make it."""
        thing = await self._open()
        self._opened.append(thing)
        return thing

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        thing = self._opened.pop()
        parts: tuple[Any, ...] = thing if isinstance(thing, tuple) else (thing,)
        for part in parts:
            await part._exit(error)


class Joined:
    """A host that is kept while something is made on it."""

    def __init__(self, host: Hub) -> None:
        """Do nothing yet."""
        self._host = host

    def __enter__(self) -> Hub:
        """Keep it."""
        self._host._check_open()
        self._host._join()
        return self._host

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        self._host._leave()
