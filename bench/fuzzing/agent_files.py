"""Files beside an agent: what it is told, and what it keeps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override

from bench.fuzzing.agents import TOLD, as_json, example_alert
from bench.fuzzing.mutate import LETTERS, mutate_bytes, mutate_json, mutate_text
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.agent.config import read_config
from eas_core.agent.spool import Spool, SpoolError
from eas_core.agent.table import ConfigError
from eas_core.errors import EasError
from eas_core.station.contract import alert_fields

CONFIGS: Final = (
    """\
[agent]
name = "attic"
base = "home/eas"
folder = "FOLDER"
health_seconds = 30
level_seconds = 2.5
[broker]
host = "broker.local"
port = 8883
tls = true
user = "eas"
password_file = "FOLDER/password"
ca_file = "ca.pem"
keepalive = 30
[[station]]
name = "Radio"
source = "rtl_tcp://127.0.0.1:1235"
channels = [162.4, 162.55]
gain_db = 20
ppm = -3
bias_tee = true
[station.recording]
copy = "opus"
tones_in_copy = true
keep_days = 30
keep_mb = 200
ring_seconds = 60.5
longest_seconds = 90
[[station]]
name = "Web"
source = "http://user:secret@web/stream"
""",
    """\
[agent]
name = "a"
[broker]
host = "::1"
[[station]]
name = "Raw"
source = "udp://0.0.0.0:7355"
rate = 22050
inputs = 2
sample_format = "f32le"
[[station]]
name = "FM"
source = "rtl_tcp://attic"
fm = 98.7
[[station]]
name = "Sim"
source = "simulator"
locations = ["039035"]
""",
)
VALUES: Final = (
    *("true", "0", "-1", "1e400", "nan", "-inf", '""', "[]", "{}", "[[]]", "0x7f"),
    *(
        "1979-05-27T07:32:00Z",
        "1979-05-27",
        "9" * 400,
        "9" * 5000,
        "[" * 3000,
        "'''\nx'''",
        "[1, 'a']",
        "1e18",
    ),
    *(
        '"\\u0000"',
        '"rtl_tcp://[::1"',
        '"tcp://h:99999999"',
        '"udp://h:x"',
        '"http://"',
    ),
    *('"sound_card:"', '"/nowhere.wav"', '"\\n"', '"../../x"', '"file:///etc/passwd"'),
    *('"tcp-listen://:1"', '"http://a b/"', '"concat:/etc/passwd"', '"rtl_tcp:x"'),
)


class ConfigTarget(Target[bytes]):
    """Any file is a configuration whose stations can be built, or says what to write."""

    name: ClassVar = "agent.toml"
    cases: ClassVar = 40_000
    documented: ClassVar = frozenset({"ConfigError", "EasError"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder
        (folder / "password").write_text("hush\n", encoding="utf-8")
        yield

    @override
    def case(self, rng: Random) -> bytes:
        text = rng.choice(CONFIGS)
        for _ in range(rng.choice((0, 1, 1, 2))):
            lines = text.splitlines(keepends=True)
            at = rng.randrange(len(lines))
            key, equals, _ = lines[at].partition(" = ")
            if equals:
                lines[at] = f"{key} = {rng.choice(VALUES)}\n"
            elif rng.randrange(2):
                lines[at:at] = lines[at] * rng.randrange(3)
            text = "".join(lines)
        if rng.randrange(2):
            text = mutate_text(rng, text, CONFIGS)
        data = text.encode("utf-8", "surrogatepass")
        return mutate_bytes(rng, data) if not rng.randrange(4) else data

    @override
    async def run(self, case: bytes) -> str:
        path = self._folder / "agent.toml"
        path.write_bytes(case.replace(b"FOLDER", str(self._folder).encode()))
        try:
            config = read_config(path, {"WEB": "http://web/stream"})
        except ConfigError as error:
            if "\n" in str(error).strip() and "Mend" not in str(error):
                raise WrongAnswerError(str(error)) from error
            return "ConfigError"
        try:
            for station in config.stations:
                if not station.choice.source.startswith(("rtl_sdr", "sound_card")):
                    station.build()
        except EasError:
            return "EasError"
        return "accepted"


def spool_lines() -> list[bytes]:
    """Return the lines of a file in which something is kept."""
    payload: dict[str, Any] = TOLD | alert_fields(example_alert())
    kept = {"number": 1, "kind": "alert", "test": False, "was_sent": False}
    lines = [kept | {"number": number, "payload": payload} for number in range(1, 6)]
    return [*(as_json(line) for line in lines), b'{"sent": 2}', b'{"sent": 4}']


class SpoolTarget(Target[bytes]):
    """Whatever the disk holds, what can be read of it is kept, and more can be."""

    name: ClassVar = "spool"
    cases: ClassVar = 12_000
    documented: ClassVar = frozenset({"SpoolError"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder
        yield

    @override
    def case(self, rng: Random) -> bytes:
        lines = spool_lines()
        for _ in range(rng.randrange(3)):
            at = rng.randrange(len(lines))
            lines[at] = as_json(mutate_json(rng, json.loads(lines[at])))
        rng.shuffle(lines) if rng.randrange(2) else None
        data = b"\n".join(lines) + rng.choice((b"", b"\n"))
        if rng.randrange(2):
            data = mutate_bytes(
                rng,
                data,
                (b"\n\n", rng.choice(LETTERS).encode("utf-8", "surrogatepass")),
            )
        return data

    @override
    async def run(self, case: bytes) -> str:
        path = self._folder / "heard.jsonl"
        path.write_bytes(case)
        try:
            spool = Spool(self._folder)
        except SpoolError:
            return "SpoolError"
        spool.after("2026-06-08T00:00:00+00:00")
        for kept in spool.unsent[:3]:
            spool.mark_sent(kept.number)
        kept = spool.keep("alert", TOLD, test=False)
        again = Spool(self._folder)
        if again.unsent[-1:] != [kept] or len(again) != len(spool):
            raise WrongAnswerError(f"{len(spool)} kept, {len(again)} read again")
        return "accepted"
