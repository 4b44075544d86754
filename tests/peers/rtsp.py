"""A real RTSP server: GStreamer's, run by Debian's Python.

Packages gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-base and
gstreamer1.0-plugins-good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import subprocess

from script.ports import free_port

from .network import end, listening, until

USER, PASSWORD = "listener", "secret"

_PROGRAM = """
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

port, path, user, password = sys.argv[1:]
Gst.init(None)
server = GstRtspServer.RTSPServer(service=port, address="127.0.0.1")
source = f"filesrc location={path} ! wavparse ! audioconvert ! audioresample"
picture = "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! rtpvrawpay"
mounts = server.get_mount_points()
for mount, launch in {
    "/l16": f"( {source} ! rtpL16pay name=pay0 )",
    "/pcmu": f"( {source} ! audio/x-raw,rate=8000 ! mulawenc ! rtppcmupay name=pay0 )",
    "/opus": f"( {source} ! opusenc ! rtpopuspay name=pay0 )",
    "/both": f"( {picture} name=pay0 {source} ! rtpL16pay name=pay1 )",
    "/picture": f"( {picture} name=pay0 )",
    "/private": f"( {source} ! rtpL16pay name=pay0 )",
}.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    permissions = GstRtspServer.RTSPPermissions()
    for role in ("listener", "anyone"):
        permissions.add_role(role)
        permissions.add_permission_for_role(role, "media.factory.access", True)
        may = role == "listener" or mount != "/private"
        permissions.add_permission_for_role(role, "media.factory.construct", may)
    factory.set_permissions(permissions)
    mounts.add_factory(mount, factory)


def token(role):
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", role)
    return token


auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
auth.add_digest(user, password, token("listener"))
auth.set_default_token(token("anyone"))
server.set_auth(auth)
server.attach(None)
GLib.MainLoop().run()
"""


@contextmanager
def rtsp_server(audio: Path) -> Iterator[str]:
    """Give the address of a server that plays a WAV file to each who comes, at its pace."""
    port = free_port()
    process = subprocess.Popen(
        ["/usr/bin/python3", "-c", _PROGRAM, str(port), str(audio), USER, PASSWORD],
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: listening(port))
        yield f"rtsp://127.0.0.1:{port}"
    finally:
        end(process)
