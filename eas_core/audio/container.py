"""What is heard of a file or a stream: ffmpeg gets its bytes, and opens nothing by itself.

Playlists, lists of files and descriptions of sessions name other files and
addresses. ffmpeg would open them with the rights of this process, whoever wrote
them; here all of them are refused.
"""

from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from av.container import InputContainer

BUFFER_BYTES: Final = 32_768


def open_container(file: Any, buffer_bytes: int = BUFFER_BYTES) -> InputContainer:
    """Return the container that a binary file holds, anything with `read`; raises what PyAV raises."""
    import av

    container: InputContainer = av.open(
        file,
        mode="r",
        options={"protocol_whitelist": "none"},
        buffer_size=buffer_bytes,
        io_open=_open_nothing,
    )
    return container


def _open_nothing(url: str, flags: int, options: dict[str, Any]) -> NoReturn:
    raise PermissionError("What is heard opens nothing else.")
