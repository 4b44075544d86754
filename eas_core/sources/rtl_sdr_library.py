"""librtlsdr as pyrtlsdr finds it, or what is wrong with it in one sentence."""

from ctypes import CDLL
from ctypes.util import find_library
import platform
from typing import Any, Final

from .source import SourceError, SourceErrorReason

_OR_RTL_TCP: Final = "or run rtl_tcp where the dongle is and use that"


def load_library() -> Any:
    """Return librtlsdr with pyrtlsdr's signatures; raises SourceError(NO_LIBRARY, LIBRARY_UNUSABLE).

    pyrtlsdr takes the library of pyrtlsdrlib where that is installed and loads,
    else the system's. It asks for functions that only the library of
    github.com/librtlsdr has, which pyrtlsdrlib brings: those of Debian 12 and 13,
    Alpine and others are built from another source and lack `rtlsdr_set_dithering`.
    """
    try:
        from rtlsdr.librtlsdr import librtlsdr  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise _no_package(error) from error
    except ImportError as error:
        raise _does_not_load() from error
    except AttributeError as error:
        raise _too_old(error) from error
    except Exception as error:
        # Whatever a broken package or library raises while it is imported.
        raise _broken(str(error)) from error
    return librtlsdr


def callback_type() -> Any:
    """Return the type of the function that `rtlsdr_read_async` calls."""
    from rtlsdr.librtlsdr import rtlsdr_read_async_cb_t

    return rtlsdr_read_async_cb_t


def _get_library() -> str:
    """What to install: pyrtlsdrlib has wheels for x86_64 only."""
    if platform.machine() in ("x86_64", "AMD64"):
        return "install pyrtlsdrlib by pip"
    return "build librtlsdr from github.com/librtlsdr/librtlsdr"


def _no_package(error: ModuleNotFoundError) -> SourceError:
    return SourceError(
        SourceErrorReason.NO_LIBRARY,
        f"Install pyrtlsdr by pip, {_OR_RTL_TCP}: Python does not find {error.name}.",
    )


def _does_not_load() -> SourceError:
    """Tell a library that is not there from one that does not load, which pyrtlsdr does not."""
    name = find_library("rtlsdr")
    try:
        if name is not None:
            CDLL(name)
    except OSError as error:
        return _broken(str(error))
    return SourceError(
        SourceErrorReason.NO_LIBRARY,
        f"The library of RTL-SDR dongles is missing: {_get_library()}, {_OR_RTL_TCP}.",
    )


def _too_old(error: AttributeError) -> SourceError:
    text = str(error)
    if "rtlsdr_" not in text:
        return _broken(text)
    return SourceError(
        SourceErrorReason.LIBRARY_UNUSABLE,
        "The librtlsdr of this system is not the one that pyrtlsdr needs"
        f" (no {text.rpartition(' ')[2]}): {_get_library()}, {_OR_RTL_TCP}.",
    )


def _broken(text: str) -> SourceError:
    return SourceError(
        SourceErrorReason.LIBRARY_UNUSABLE,
        f"The librtlsdr of this system does not load ({text}): {_get_library()}, {_OR_RTL_TCP}.",
    )
