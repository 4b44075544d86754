"""What is heard of a file or a stream: ffmpeg gets its bytes, and opens nothing by itself.

Playlists, lists of files and descriptions of sessions name other files and
addresses. ffmpeg would open them with the rights of this process, whoever wrote
them; here all of them are refused.
"""

from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from av.container import InputContainer

BUFFER_BYTES: Final = 32_768

MOST_PIXELS: Final = 4096 * 2304
"""Of a picture: ffmpeg decodes the first to say what it is, and a megabyte of PNG may hold
gigabytes. Video is no larger."""


def open_container(
    file: Any, buffer_bytes: int = BUFFER_BYTES, form: str | None = None
) -> InputContainer:
    """Return the container that a binary file holds, anything with `read`; raises what PyAV raises.

    It is taken for what `form` says, both ffmpeg's name of the format and of its only
    codec, or for what it looks like.
    """
    import av

    options = {"protocol_whitelist": "none", "max_pixels": str(MOST_PIXELS)}
    if form is not None:
        # Nor is a picture in it looked at.
        options["codec_whitelist"] = form
    container: InputContainer = av.open(
        file,
        mode="r",
        format=form,
        options=options,
        buffer_size=buffer_bytes,
        io_open=_open_nothing,
    )
    return container


def _open_nothing(url: str, flags: int, options: dict[str, Any]) -> NoReturn:
    raise PermissionError("What is heard opens nothing else.")
