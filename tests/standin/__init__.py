"""Dongles without hardware: a librtlsdr in C that serves IQ from files.

    standin = Standin(tmp_path / "standin")
    dongle = standin.add("00000101", iq=path_of_u8_iq)
    subprocess.Popen(["rtl_tcp", "-p", port], env=standin.environment)
    dongle.unplug()

`environment` is for child processes: Debian's own rtl_tcp and rtl_fm then load
the stand-in as librtlsdr.so.0, and pyrtlsdr as librtlsdr.so. Where the code
under test starts the child (the isolated source, the config flow), put
`variables` into `os.environ` by monkeypatch before. Never import `rtlsdr` in
the process of pytest: the library that it meets first stays for all tests.

What a dongle is told while it runs it does within 10 ms, except that nothing
is noticed inside a callback. A dongle starts at the begin of its file each
time that it is opened. It delivers at the pace of the sample rate that was set;
`speed` multiplies that, and 0 is as fast as can be. rtl_fm has no brake and
loses blocks when it is faster than it demodulates: choose a speed, and
`end="terminate"`, which ends the program by SIGTERM half a second after the
last block, because rtl_fm does not end when its dongle does. rtl_tcp forgets a
SIGTERM that comes while it has a client: kill it.
"""

from dataclasses import dataclass, field
import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import Any, Final, Literal

SOURCES: Final = tuple(sorted(Path(__file__).parent.glob("*.[ch]")))

FLAGS: Final = (
    *("-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"),
    *("-pthread", "-fvisibility=hidden", "-Wl,-soname,librtlsdr.so.0"),
)

IO: Final = -1
NO_PERMISSION: Final = -3
NO_DEVICE: Final = -4
NOT_FOUND: Final = -5
BUSY: Final = -6
"""What libusb says, and librtlsdr passes on."""

type Fault = Literal[
    "",
    "stall",
    "deaf",
    "crash",
    "crash_open",
    "hang_open",
    "hang_close",
    "short",
    "garbage",
]


def build(folder: Path | None = None, *, like_0_6_0: bool = False) -> Path:
    """Compile the stand-in as librtlsdr.so.0 and librtlsdr.so, and return their folder.

    `like_0_6_0` leaves out what Debian 12's library does not have either. Without
    a folder one is made once for all that use it.
    """
    flags = ["-DLIKE_0_6_0"] if like_0_6_0 else []
    text = b"".join(path.read_bytes() for path in SOURCES) + repr(flags).encode()
    if folder is None:
        name = f"eas-standin-{os.getuid()}-{hashlib.sha256(text).hexdigest()[:16]}"
        folder = Path(tempfile.gettempdir()) / name
    if (folder / "librtlsdr.so").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent))
    sources = [str(path) for path in SOURCES if path.suffix == ".c"]
    library = part / "librtlsdr.so.0"
    subprocess.run(["gcc", *FLAGS, "-o", str(library), *flags, *sources], check=True)
    (part / "librtlsdr.so").symlink_to("librtlsdr.so.0")
    folder.mkdir(exist_ok=True)
    for path in sorted(part.iterdir(), reverse=True):
        path.replace(folder / path.name)
    shutil.rmtree(part)
    return folder


@dataclass(kw_only=True)
class StandinDongle:
    """A dongle in the table; its methods work on programs that have it open."""

    path: Path
    serial: str
    opened_serial: str = ""
    """What it says once it is open, where that is another: its index became another's."""
    manufacturer: str = "Realtek"
    product: str = "RTL2838UHIDIR"
    name: str = "Generic RTL2832U OEM"
    iq: Path | str | None = None
    """u8 I, Q, I, Q …; without a file the samples are all the middle, 127.

    `tcp:PORT` is what serves rtl_tcp at a port of this machine; its pace is kept at `speed` 0.
    """
    loop: bool = True
    end: Literal["unplug", "stall", "terminate"] = "unplug"
    """What comes after the last sample where it is not looped."""
    speed: float = 1.0
    skew_ppm: float = 0.0
    """How much faster its crystal is than it should be."""
    tuner: int = 5
    """5 is an R820T; all others have no table of gains."""
    plugged: bool = True
    open_code: int = 0
    """What opening fails with: BUSY, NO_PERMISSION."""
    strings_code: int = 0
    """What asking for its serial fails with: NO_PERMISSION."""
    unplug_code: int = 0
    """What a read fails with when it is gone; 0 is what librtlsdr mostly says."""
    fault: Fault = ""
    drop: int = 0
    """How many samples were dropped on the way, in sum."""

    def change(self, **values: Any) -> None:
        """Change any of the fields."""
        for key, value in values.items():
            setattr(self, key, value)
        self.write()

    def write(self) -> None:
        """Write what the library looks at."""
        keys = [key for key in self.__dataclass_fields__ if key != "path"]
        lines = [f"{key}={_text(getattr(self, key))}\n" for key in keys]
        part = self.path.with_suffix(".part")
        part.write_text("".join(lines), encoding="utf-8")
        part.replace(self.path)

    def plug(self) -> None:
        """Put it in (again), in order."""
        self.change(plugged=True, fault="", open_code=0, strings_code=0)

    def unplug(self, code: int = 0) -> None:
        """Pull it out: reads fail (with `code`), and it is not in the list."""
        self.change(plugged=False, unplug_code=code)

    def stall(self) -> None:
        """Deliver nothing more, and no error."""
        self.change(fault="stall")

    def go_deaf(self) -> None:
        """Deliver on, and never return from a read that is cancelled."""
        self.change(fault="deaf")

    def crash(self) -> None:
        """Raise SIGSEGV in the process that reads."""
        self.change(fault="crash")

    def crash_when_opened(self) -> None:
        """Raise SIGSEGV in the process that opens it."""
        self.change(fault="crash_open")

    def hang_when_opened(self) -> None:
        """Never return from open while this is so."""
        self.change(fault="hang_open")

    def hang_when_closed(self) -> None:
        """Never return from close while this is so."""
        self.change(fault="hang_close")

    def deliver_short(self) -> None:
        """Deliver buffers of any length, odd ones and empty ones too."""
        self.change(fault="short")

    def deliver_garbage(self) -> None:
        """Deliver random bytes."""
        self.change(fault="garbage")

    def work(self) -> None:
        """End the fault."""
        self.change(fault="")

    def lose(self, samples: int) -> None:
        """Lose so many samples on the way to the program."""
        self.change(drop=self.drop + samples)

    def refuse(self, code: int) -> None:
        """Fail to open: BUSY, NO_PERMISSION or any code."""
        self.change(open_code=code)

    def forbid(self) -> None:
        """Belong to root: not even the serial can be read."""
        self.change(open_code=NO_PERMISSION, strings_code=NO_PERMISSION)

    def state(self) -> dict[str, int]:
        """Return what was set last, `open`, `samples` and `lost`; empty before it was opened."""
        path = self.path.with_name(f"{self.path.name}.state")
        if not path.exists():
            return {}
        pairs = (line.split("=") for line in path.read_text("utf-8").splitlines())
        return {key: int(value) for key, value in pairs}

    def calls(self) -> list[str]:
        """Return the calls in order, such as `open` and `set_sample_rate 240000`."""
        path = self.path.with_name(f"{self.path.name}.calls")
        return path.read_text("utf-8").splitlines() if path.exists() else []


@dataclass
class Standin:
    """The library, and the dongles that it finds."""

    folder: Path
    library: Path = field(default_factory=build)
    dongles: list[StandinDongle] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the folder of the dongles."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, serial: str = "00000001", **values: Any) -> StandinDongle:
        """Plug in a dongle; its index is the number of those before it."""
        path = self.folder / f"dongle{len(self.dongles)}"
        dongle = StandinDongle(path=path, serial=serial, **values)
        dongle.write()
        self.dongles.append(dongle)
        return dongle

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that lead a program to the stand-in."""
        return {
            "LD_LIBRARY_PATH": str(self.library),
            "RTLSDR_STANDIN": str(self.folder),
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment for a child process."""
        return {**os.environ, **self.variables}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)
