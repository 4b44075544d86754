"""What script/setup fetches is what was pinned."""

import hashlib
import io
import json
import os
from pathlib import Path
import platform
import subprocess
import sys
import zipfile

from tests.peers.web import WebServer, file

SCRIPT = Path(__file__).parents[2] / "script"


def fetch(script: Path, folder: Path, index: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), str(folder)],
        env=os.environ | {"PIP_INDEX_URL": index, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_uv_that_is_not_the_pinned_one_is_not_taken(
    socket_enabled: None, tmp_path: Path
) -> None:
    version = (SCRIPT / "uv.txt").read_text().split("uv==")[1].split()[0]
    name = f"uv-{version}-py3-none-manylinux_2_17_{platform.machine()}.whl"
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr(f"uv-{version}.data/scripts/uv", "another")
    with WebServer() as index:
        listed = {"filename": name, "url": f"{index.address}/wheel"}
        index.answers |= {
            "/uv/": file(json.dumps({"files": [listed]}).encode()),
            "/wheel": file(wheel.getvalue()),
        }
        refused = fetch(SCRIPT / "fetch-uv", tmp_path / "bin", index.address)
        assert refused.returncode == 1
        assert f"not the uv {version}" in refused.stderr
        assert not (tmp_path / "bin").exists()
        # The same, pinned.
        script = tmp_path / "fetch-uv"
        script.write_bytes((SCRIPT / "fetch-uv").read_bytes())
        digest = hashlib.sha256(wheel.getvalue()).hexdigest()
        (tmp_path / "uv.txt").write_text(f"uv=={version} --hash=sha256:{digest}")
        assert fetch(script, tmp_path / "bin", index.address).returncode == 0
    assert (tmp_path / "bin" / "uv").read_text() == "another"
