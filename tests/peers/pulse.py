"""A real PulseAudio of our own, whose sinks lead nowhere but to their monitors.

What is played there nobody can hear: SAME tones may not be played to the public
(47 CFR 11.45).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import shutil
import signal
import subprocess
import tempfile

import numpy as np
from numpy.typing import NDArray

from .network import DEADLINE_SECONDS, end, until

ALSA = """\
pcm.radio { type pulse device "radio.monitor" }
pcm.mono {
  type multi
  slaves.a { pcm "plug:radio" channels 2 }
  bindings.0 { slave a channel 0 }
}
pcm.plug { @args [ SLAVE ] @args.SLAVE { type string } type plug slave.pcm $SLAVE }
pcm.!default { type pulse }
"""
"""ALSA's own names for what PulseAudio has, and none of this machine's cards.

`mono` is only to be had with one channel, as many a microphone is.
"""


class PulseAudio:
    """The daemon with a sink `radio`; `env` is what its clients need."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "socket"
        (folder / "asound.conf").write_text(ALSA, encoding="utf-8")
        self.env = os.environ | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{self.socket}",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            "-n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --log-level=error"
        )
        self.process = subprocess.Popen(
            [
                *("pulseaudio", *options.split(), "--realtime=no", "--disable-shm=yes"),
                f"--load=module-native-protocol-unix socket={self.socket} auth-anonymous=1",
            ],
            env=self.env,
        )
        until(lambda: self.socket.exists() and self._answers())
        self.load("module-null-sink", "sink_name=radio", "rate=32000", "channels=2")

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            end(self.process)
            self.process = None
        self.socket.unlink(missing_ok=True)

    def pause(self) -> None:
        """Have it hang."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def load(self, *module: str) -> str:
        """Load a module; return its number."""
        return self.control("load-module", *module).strip()

    def control(self, *arguments: str) -> str:
        """Have pactl do something."""
        done = subprocess.run(
            ["pactl", *arguments],
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
        return done.stdout

    def play(self, channels: NDArray[np.float32], rate: int, sink: str) -> None:
        """Play float32[n, channels] into a sink, to the end."""
        subprocess.run(
            [
                *("pacat", "--playback", "--raw", "--format=float32le"),
                *(f"--rate={rate}", f"--channels={channels.shape[1]}"),
                *("--latency-msec=500", f"--device={sink}"),
            ],
            env=self.env,
            input=channels.astype("<f4").tobytes(),
            check=True,
            timeout=DEADLINE_SECONDS,
        )

    def _answers(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            return bool(self.control("info"))
        return False


@contextmanager
def pulseaudio() -> Iterator[PulseAudio]:
    """Run one; its folder has a short name, as a socket's path may have 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="eas-pulse-"))
    daemon = PulseAudio(folder)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.kill()
        shutil.rmtree(folder, ignore_errors=True)
