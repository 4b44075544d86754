"""A real Icecast, and ffmpeg that feeds it. Package icecast2 and ffmpeg of Debian."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import subprocess
import tempfile
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from script.ports import free_port

from .network import end, listening, until

PASSWORD = "source"

_CONFIGURATION = """<icecast>
  <limits><clients>20</clients><sources>8</sources><burst-size>65536</burst-size>
    <source-timeout>5</source-timeout></limits>
  <authentication><source-password>{password}</source-password>
    <admin-user>admin</admin-user><admin-password>{password}</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths><basedir>{folder}</basedir><logdir>{folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
</icecast>
"""


class Icecast:
    """A server of its own on a free port; `kill` and `start` are what may happen to it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._configuration = folder / "icecast.xml"
        self._configuration.write_text(
            _CONFIGURATION.format(port=self.port, folder=folder, password=PASSWORD)
        )
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, mount: str) -> str:
        return f"http://127.0.0.1:{self.port}{mount}"

    def start(self) -> None:
        # Icecast refuses to be root.
        nobody = 65534 if os.geteuid() == 0 else None
        self._process = subprocess.Popen(
            ["icecast2", "-c", str(self._configuration)],
            user=nobody,
            group=nobody,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: listening(self.port))

    def kill(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def mounted(self, mount: str) -> bool:
        with urlopen(self.address("/status-json.xsl"), timeout=10) as answer:
            return f':{self.port}{mount}"' in answer.read().decode()

    def tell_title(self, mount: str, title: str) -> None:
        query = urlencode({"mount": mount, "mode": "updinfo", "song": title})
        secret = b64encode(f"admin:{PASSWORD}".encode()).decode()
        request = Request(
            self.address(f"/admin/metadata?{query}"),
            headers={"Authorization": f"Basic {secret}"},
        )
        urlopen(request, timeout=10).close()


@contextmanager
def icecast() -> Iterator[Icecast]:
    """Give a server that runs."""
    with tempfile.TemporaryDirectory(prefix="icecast") as folder:
        Path(folder).chmod(0o777)
        server = Icecast(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def fed(
    server: Icecast, mount: str, audio: Path, *codec: str, times: float = 1.0
) -> Iterator[subprocess.Popen[bytes]]:
    """Feed a file again and again, at a multiple of its pace, encoded so."""
    target = f"icecast://source:{PASSWORD}@127.0.0.1:{server.port}{mount}"
    command = ["ffmpeg", "-v", "error", "-readrate", str(times), "-stream_loop", "-1"]
    command += ["-i", str(audio), "-ice_name", "Weather", *codec, target]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: server.mounted(mount))
        yield process
    finally:
        end(process)
