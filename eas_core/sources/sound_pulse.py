"""What PulseAudio, or PipeWire in its place, has to record from.

Asked through libpulse, which is there wherever an ffmpeg has PulseAudio: it
alone tells a source's own rate, its channels and its card.
"""

from collections.abc import Callable
import ctypes
import re
import threading
import time
from typing import Any, Final

from .sound_input import SoundInput
from .source import SourceError, SourceErrorReason

ANSWER_SECONDS: Final = 3.0
LOOK_MICROSECONDS: Final = 100_000

_NO_AUTOSPAWN: Final = 1
_READY: Final = 4
_FAILED: Final = 5
_ACCESS_DENIED: Final = (1, 7)
"""PA_CONTEXT_NOAUTOSPAWN, PA_CONTEXT_READY and _FAILED, PA_ERR_ACCESS and _AUTHKEY of pulse/def.h."""

_NO_SINK: Final = 0xFFFFFFFF


class _SampleSpec(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    )


class _ChannelMap(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("map", ctypes.c_int * 32))


class _Volume(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("values", ctypes.c_uint32 * 32))


class _SourceInfo(ctypes.Structure):
    """The beginning of pa_source_info of pulse/introspect.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("index", ctypes.c_uint32),
        ("description", ctypes.c_char_p),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("owner_module", ctypes.c_uint32),
        ("volume", _Volume),
        ("mute", ctypes.c_int),
        ("monitor_of_sink", ctypes.c_uint32),
        ("monitor_of_sink_name", ctypes.c_char_p),
        ("latency", ctypes.c_uint64),
        ("driver", ctypes.c_char_p),
        ("flags", ctypes.c_int),
        ("proplist", ctypes.c_void_p),
    )


_SourceCallback = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.POINTER(_SourceInfo), ctypes.c_int, ctypes.c_void_p
)


def pulse_inputs(stop: threading.Event | None = None) -> list[SoundInput]:
    """Return all sources of the sound server.

    Raises SourceError: NO_LIBRARY, UNREACHABLE, NO_PERMISSION, and STALLED
    where it does not answer within ANSWER_SECONDS or until `stop` is set.
    """
    pulse = _load()
    loop = pulse.pa_mainloop_new()
    context = pulse.pa_context_new(pulse.pa_mainloop_get_api(loop), b"EAS Station")
    try:
        session = _Session(pulse, loop, context, stop or threading.Event())
        session.connect()
        return session.sources()
    finally:
        pulse.pa_context_disconnect(context)
        pulse.pa_context_unref(context)
        pulse.pa_mainloop_free(loop)


class _Session:
    """A conversation with the server, which answers while its loop is turned."""

    def __init__(
        self, pulse: Any, loop: int, context: int, stop: threading.Event
    ) -> None:
        self._pulse = pulse
        self._loop = loop
        self._context = context
        self._stop = stop
        self._until = time.monotonic() + ANSWER_SECONDS

    def connect(self) -> None:
        """Wait until the server has let us in."""
        self._pulse.pa_context_connect(self._context, None, _NO_AUTOSPAWN, None)
        self._turn_until(lambda: self._state() >= _READY)
        if self._state() == _READY:
            return
        if self._pulse.pa_context_errno(self._context) in _ACCESS_DENIED:
            raise SourceError(
                SourceErrorReason.NO_PERMISSION,
                "Run this as the user whose PulseAudio it is, or give it the server's cookie: PulseAudio refuses it.",
            )
        raise no_server()

    def sources(self) -> list[SoundInput]:
        """Return what the server tells of its sources."""
        found: list[SoundInput] = []
        ended: list[bool] = []

        def take(_: Any, info: Any, end: int, __: Any) -> None:
            if end:
                ended.append(True)
            else:
                found.append(self._input(info.contents))

        callback = _SourceCallback(take)
        operation = self._pulse.pa_context_get_source_info_list(
            self._context, callback, None
        )
        self._turn_until(lambda: bool(ended) or self._state() == _FAILED)
        self._pulse.pa_operation_cancel(operation)
        self._pulse.pa_operation_unref(operation)
        return found

    def _input(self, info: Any) -> SoundInput:
        name = _text(info.name)
        pcm = self._property(info, "alsa.card"), self._property(info, "alsa.device")
        return SoundInput(
            # Of two cards that are alike the second to come is named so.
            name=re.sub(r"^(alsa_input\.usb-.*)\.\d+(?=\.|$)", r"\1", name),
            address=name,
            place=self._property(info, "device.bus_path") or name,
            title=_text(info.description),
            channels=info.sample_spec.channels,
            sample_rate=info.sample_spec.rate,
            pcm=(int(pcm[0]), int(pcm[1])) if all(map(str.isdecimal, pcm)) else None,
            monitor=info.monitor_of_sink != _NO_SINK,
        )

    def _property(self, info: Any, key: str) -> str:
        return _text(self._pulse.pa_proplist_gets(info.proplist, key.encode()))

    def _state(self) -> int:
        state: int = self._pulse.pa_context_get_state(self._context)
        return state

    def _turn_until(self, done: Callable[[], bool]) -> None:
        while not done():
            if self._stop.is_set() or time.monotonic() > self._until:
                raise SourceError(
                    SourceErrorReason.STALLED,
                    f"Restart PulseAudio: it did not answer within {ANSWER_SECONDS:.0f} s.",
                )
            if (
                self._pulse.pa_mainloop_prepare(self._loop, LOOK_MICROSECONDS) < 0
                or self._pulse.pa_mainloop_poll(self._loop) < 0
                or self._pulse.pa_mainloop_dispatch(self._loop) < 0
            ):
                raise no_server()


def no_server() -> SourceError:
    """Return the error of a sound server that is not there."""
    return SourceError(
        SourceErrorReason.UNREACHABLE,
        "Start PulseAudio or PipeWire, or choose the sound card itself: no sound server answers.",
    )


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def _load() -> Any:
    try:
        pulse = ctypes.CDLL("libpulse.so.0")
    except OSError as error:
        raise SourceError(
            SourceErrorReason.NO_LIBRARY,
            "Install PulseAudio's library (package libpulse0 on Debian).",
        ) from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("pa_mainloop_new", pointer, ()),
        ("pa_mainloop_get_api", pointer, (pointer,)),
        ("pa_mainloop_prepare", ctypes.c_int, (pointer, ctypes.c_int)),
        ("pa_mainloop_poll", ctypes.c_int, (pointer,)),
        ("pa_mainloop_dispatch", ctypes.c_int, (pointer,)),
        ("pa_mainloop_free", None, (pointer,)),
        ("pa_context_new", pointer, (pointer, text)),
        ("pa_context_connect", ctypes.c_int, (pointer, text, ctypes.c_int, pointer)),
        ("pa_context_get_state", ctypes.c_int, (pointer,)),
        ("pa_context_errno", ctypes.c_int, (pointer,)),
        (
            "pa_context_get_source_info_list",
            pointer,
            (pointer, _SourceCallback, pointer),
        ),
        ("pa_context_disconnect", None, (pointer,)),
        ("pa_context_unref", None, (pointer,)),
        ("pa_operation_cancel", None, (pointer,)),
        ("pa_operation_unref", None, (pointer,)),
        ("pa_proplist_gets", text, (pointer, text)),
    ):
        function = getattr(pulse, name)
        function.restype, function.argtypes = result, arguments
    return pulse
