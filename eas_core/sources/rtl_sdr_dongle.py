"""An open dongle, and finding it among others.

librtlsdr's functions are called with pyrtlsdr's signatures, not by its class
RtlSdr: that one tunes to 80 MHz at 1.024 MS/s first, leaks the dongle where
opening fails, closes it under a thread that reads, and takes −2 for an
unchanged ppm as a failure.
"""

from collections.abc import Callable
from ctypes import (
    byref,
    c_char_p,
    c_int,
    c_ubyte,
    c_void_p,
    create_string_buffer,
    string_at,
)
from dataclasses import dataclass
from errno import EINVAL
from typing import Any, Final

from ..radio.plan import DIRECT_SAMPLING_OFF, Tuning
from .dongle import DongleOptions
from .rtl_sdr_library import callback_type
from .source import SourceError, SourceErrorReason

ACCESS: Final = -3
NO_DEVICE: Final = -4
BUSY: Final = -6
"""libusb's codes, which librtlsdr passes on."""

STRING_BYTES: Final = 256
"""What librtlsdr writes at most, rtl-sdr.h."""

MAX_GAINS: Final = 64
"""The longest table of a tuner has 29."""

BUFFERS: Final = 15
"""Of librtlsdr's own choice: they are filled by the kernel while this process is held up."""

TRIES: Final = 3
"""To open the right one while others are plugged in and out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A dongle in librtlsdr's list; `code` is why it does not tell its serial."""

    index: int
    serial: str
    name: str
    code: int = 0


def list_dongles(library: Any) -> list[Listed]:
    """Return all dongles that are plugged in."""
    return [_look_at(library, n) for n in range(library.rtlsdr_get_device_count())]


def open_dongle(library: Any, serial: str) -> Dongle:
    """Open the dongle with this serial; raises SourceError(NOT_FOUND, INVALID_OPTION, NO_PERMISSION, BUSY, BROKEN)."""
    for _ in range(TRIES):
        index = _find(library, serial)
        handle = c_void_p()
        code = library.rtlsdr_open(byref(handle), index)
        if code < 0 or handle.value is None:
            raise _open_error(serial, code)
        dongle = Dongle(library, handle, serial)
        # Between the list and the opening the index may have become another's.
        if dongle.is_itself():
            return dongle
        dongle.close()
    raise SourceError(
        SourceErrorReason.BROKEN,
        f"Unplug the dongle {serial} and plug it in again: it does not tell its serial.",
    )


class Dongle:
    """A dongle that is open. `cancel` may be called from any thread, the rest from one."""

    def __init__(self, library: Any, handle: c_void_p, serial: str) -> None:
        """Take what `rtlsdr_open` gave."""
        self._library = library
        self._handle = handle
        self._serial = serial
        self._feeds_antenna = False

    def is_itself(self) -> bool:
        """Whether the serial is the right one, as far as the library can tell."""
        ask = getattr(self._library, "rtlsdr_get_usb_strings", None)
        if ask is None:
            return True
        ask.restype, ask.argtypes = c_int, [c_void_p, c_char_p, c_char_p, c_char_p]
        serial = create_string_buffer(STRING_BYTES)
        return ask(self._handle, None, None, serial) == 0 and (
            _text(serial.value) == self._serial
        )

    def tune(self, tuning: Tuning, options: DongleOptions) -> None:
        """Set all that can be set; raises SourceError(INVALID_OPTION, UNPLUGGED, BROKEN).

        The input branch comes first because it resets the tuner, the clock's
        correction before the rate and the frequency that depend on it.
        """
        direct = tuning.direct_sampling != DIRECT_SAMPLING_OFF
        if direct:
            self._set("direct_sampling", tuning.direct_sampling)
        # An unchanged correction is refused with −2.
        if options.ppm != self._library.rtlsdr_get_freq_correction(self._handle):
            self._set("freq_correction", options.ppm)
        self._set("sample_rate", tuning.sample_rate)
        self._set("center_freq", tuning.center_frequency)
        # In direct sampling the tuner is off, and no gain can be written to it.
        if not direct:
            self._set_gain(options.gain_db)
        self._set("agc_mode", int(options.agc))
        # It may have been left on by another program.
        self._set("bias_tee", int(options.bias_tee))
        self._feeds_antenna = options.bias_tee
        code = self._library.rtlsdr_reset_buffer(self._handle)
        self._check("buffer", code)

    def read(self, take: Callable[[bytes], None], size: int) -> None:
        """Give buffers of `size` bytes to `take` until cancelled; raises SourceError(UNPLUGGED, BROKEN) at any other end.

        `take` is called on this thread, and must be quick.
        """

        @callback_type()  # type: ignore[untyped-decorator]
        def call(buffer: Any, length: int, _: object) -> None:
            take(string_at(buffer, length))

        code = self._library.rtlsdr_read_async(self._handle, call, None, BUFFERS, size)
        raise self._error("it stopped sending samples", code)

    def cancel(self) -> None:
        """End `read`; nothing happens where it does not run."""
        self._library.rtlsdr_cancel_async(self._handle)

    def close(self) -> None:
        """Turn off the bias tee that was turned on, or it stays so, and close."""
        if self._feeds_antenna:
            self._library.rtlsdr_set_bias_tee(self._handle, 0)
        self._library.rtlsdr_close(self._handle)

    def _set_gain(self, gain_db: float | None) -> None:
        self._set("tuner_gain_mode", int(gain_db is not None))
        if gain_db is None:
            return
        table = (c_int * MAX_GAINS)()
        count = self._library.rtlsdr_get_tuner_gains(self._handle, table)
        if count <= 0:
            raise SourceError(
                SourceErrorReason.INVALID_OPTION,
                f"Set the gain to automatic: the tuner of the dongle {self._serial} has no other.",
            )
        nearest = min(table[:count], key=lambda tenths: abs(tenths - 10 * gain_db))
        self._set("tuner_gain", nearest)

    def _set(self, what: str, value: int) -> None:
        code = getattr(self._library, f"rtlsdr_set_{what}")(self._handle, value)
        self._check(what.replace("_", " "), code, value)

    def _check(self, what: str, code: int, value: int = 0) -> None:
        if code >= 0:
            return
        if code == -EINVAL:
            raise SourceError(
                SourceErrorReason.INVALID_OPTION,
                f"Choose another {what}: the dongle {self._serial} has no {value}.",
            )
        raise self._error(f"its {what} cannot be set", code)

    def _error(self, what: str, code: int) -> SourceError:
        if code == NO_DEVICE or not self._is_there():
            return SourceError(
                SourceErrorReason.UNPLUGGED,
                f"Plug the dongle {self._serial} in again, or check its cable: it is gone.",
            )
        return SourceError(
            SourceErrorReason.BROKEN,
            f"Unplug the dongle {self._serial} and plug it in again: {what} (code {code}).",
        )

    def _is_there(self) -> bool:
        return any(each.serial == self._serial for each in list_dongles(self._library))


def _look_at(library: Any, index: int) -> Listed:
    maker, product, serial = ((c_ubyte * STRING_BYTES)() for _ in range(3))
    code = library.rtlsdr_get_device_usb_strings(index, maker, product, serial)
    name = " ".join(filter(None, (_text(bytes(maker)), _text(bytes(product)))))
    return Listed(
        index=index,
        serial=_text(bytes(serial)),
        name=name or _text(library.rtlsdr_get_device_name(index)),
        code=code,
    )


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace").strip()


def _find(library: Any, serial: str) -> int:
    """Return the index of the one dongle with this serial."""
    listed = list_dongles(library)
    known = [each for each in listed if each.code == 0]
    found = [each.index for each in known if each.serial == serial]
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceError(
            SourceErrorReason.INVALID_OPTION,
            f"Give each dongle a serial of its own by `rtl_eeprom -d 0 -s NEW`: {len(found)} have {serial}.",
        )
    if len(known) < len(listed):
        raise unreadable(listed)
    there = ", ".join(each.serial or "one without a serial" for each in known)
    raise SourceError(
        SourceErrorReason.NOT_FOUND,
        f"Plug in the dongle {serial}: {f'only {there} is there' if there else 'no dongle is there'}.",
    )


def unreadable(listed: list[Listed]) -> SourceError:
    """Return why dongles do not tell their serials."""
    code = next(each.code for each in listed if each.code)
    return _open_error("at this machine", code)


def _open_error(serial: str, code: int) -> SourceError:
    if code == ACCESS:
        return SourceError(
            SourceErrorReason.NO_PERMISSION,
            "Let this user open the dongle by a file /etc/udev/rules.d/20-rtl-sdr.rules with the line"
            ' SUBSYSTEM=="usb", ATTRS{idVendor}=="0bda", MODE="0666", and plug it in again.',
        )
    if code == BUSY:
        return SourceError(
            SourceErrorReason.BUSY,
            f"Stop the other program that has the dongle {serial} open, or keep Linux's television driver"
            " off it by the line `blacklist dvb_usb_rtl28xxu` in /etc/modprobe.d/rtl-sdr.conf and a restart.",
        )
    return SourceError(
        SourceErrorReason.BROKEN,
        f"Unplug the dongle {serial} and plug it in again: it cannot be opened (code {code}).",
    )
