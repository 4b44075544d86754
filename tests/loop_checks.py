"""Home Assistant's checks of blocking calls, for what the integration does in the event loop of a test."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import sys
import threading
from typing import Any, Final

from homeassistant import block_async_io
from homeassistant.util.loop import protect_loop

OURS: Final = "/custom_components/eas_station/"
TESTS: Final = "/tests/"


@contextmanager
def blocking_calls_checked() -> Iterator[None]:
    """Have calls that block logged, as Home Assistant does; in tests it leaves most of them out.

    What a test itself does, or calls directly, is no matter.
    """
    calls = block_async_io._BLOCKING_CALLS
    for call in calls:
        checked = protect_loop(
            call.original_func,
            loop_thread_id=threading.get_ident(),
            strict=False,
            strict_core=False,
            check_allowed=_allowed(call.check_allowed),
        )
        setattr(call.object, call.function, checked)
    try:
        yield
    finally:
        for call in calls:
            setattr(call.object, call.function, call.original_func)


def _allowed(
    usual: Callable[[dict[str, Any]], bool] | None,
) -> Callable[[dict[str, Any]], bool]:
    def allowed(arguments: dict[str, Any]) -> bool:
        return not _is_ours() or (usual is not None and usual(arguments))

    return allowed


def _is_ours() -> bool:
    """Whether the integration makes this call in the loop, and no test called it."""
    if asyncio._get_running_loop() is None:
        return False
    frame, called_by = sys._getframe(), ""
    while frame.f_back is not None:
        inside = OURS in frame.f_code.co_filename
        frame = frame.f_back
        if inside:
            called_by = frame.f_code.co_filename
    return called_by != "" and TESTS not in called_by
