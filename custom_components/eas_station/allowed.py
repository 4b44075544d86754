"""Which files of this machine users may name."""

from pathlib import Path

from homeassistant.core import HomeAssistant


def may_read(hass: HomeAssistant, path: str) -> bool:
    """Whether a file lies, links followed, in a folder that is allowed; not for the event loop.

    What is neither file nor folder does not: who opens a pipe waits for its other end.
    """
    named = Path(path)
    try:
        if not hass.config.is_allowed_path(path):
            return False
        return named.is_file() or named.is_dir() or not named.exists()
    except OSError, ValueError:
        # No name of a file, as one with a NUL in it.
        return False
