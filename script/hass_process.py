"""A real Home Assistant in a process of its own, for development and live tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import signal
import sys
import time
from typing import Any, Self

import aiohttp

HOME_CONFIGURATION = """\
homeassistant:
  name: EAS Station
  latitude: 41.4993
  longitude: -81.6944
  elevation: 200
  unit_system: us_customary
  time_zone: America/New_York
  country: US
  currency: USD
  media_dirs:
    local: {media}
http:
  server_host: {host}
  server_port: {port}
frontend:
config:
recorder:
history:
logbook:
logger:
  default: info
"""
USER = {"name": "Developer", "username": "eas", "password": "station"}
START_SECONDS = 180.0
STOP_SECONDS = 60.0


class HassError(Exception):
    """Home Assistant did not do what was asked of it."""


def complaints(log: str) -> list[str]:
    """Return the warnings and errors that name the integration or its code."""
    return [
        line
        for line in log.splitlines()
        if "eas_" in line
        and (" WARNING " in line or " ERROR " in line or 'File "' in line)
        and "has not been tested by Home Assistant" not in line
    ]


def make_configuration(
    folder: Path,
    component: Path,
    port: int,
    *,
    host: str = "127.0.0.1",
    more: str = "",
) -> None:
    """Write an empty configuration with the integration linked into it."""
    (folder / "custom_components").mkdir(parents=True, exist_ok=True)
    link = folder / "custom_components" / "eas_station"
    if not link.exists():
        link.symlink_to(component.resolve(), target_is_directory=True)
    # Its usual place would be the machine's own in a container.
    media = folder / "media"
    media.mkdir(exist_ok=True)
    text = HOME_CONFIGURATION.format(host=host, port=port, media=media) + more
    (folder / "configuration.yaml").write_text(text, encoding="utf-8")


class HassProcess:
    """One `hass`, from its start to its end."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        debug: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Take the configuration's folder and the port that it names.

        With `debug` the event loop and Home Assistant check what they are asked for;
        `environment` is what its process has beside this one's.
        """
        self.folder = folder
        self._environment = {**os.environ, **(environment or {})}
        # A user's keeps its bytecode, and does not compile at each start.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._arguments = ("--debug",) if debug else ()
        self.url = f"http://127.0.0.1:{port}"
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._token = ""

    async def __aenter__(self) -> Self:
        """Start it and wait until it answers."""
        self._session = aiohttp.ClientSession()
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def restart(self) -> None:
        """End it and start it again; whoever was logged in still is."""
        await self.stop()
        await self.start()

    async def start(self) -> None:
        """Start it, again as well; whoever was logged in still is."""
        log = (self.folder / "hass.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "homeassistant",
            "--config",
            str(self.folder),
            "--skip-pip",
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=self._environment,
        )
        log.close()
        await self._wait_until_up()

    async def __aexit__(self, *unused: object) -> None:
        """Stop it, and what it holds."""
        if self._session is not None:
            await self._session.close()
        await self.stop()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._running().pid

    @property
    def log(self) -> str:
        """All that it has said."""
        return (self.folder / "hass.log").read_text(encoding="utf-8", errors="replace")

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise HassError("Home Assistant was not started.")
        return self._process

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise HassError("Home Assistant was not started.")
        return self._session

    async def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._running().returncode is not None:
                break
            try:
                async with self._http().get(f"{self.url}/manifest.json") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
        raise HassError(f"Home Assistant did not start:\n{self.log[-4000:]}")

    async def stop(self) -> int:
        """Ask it to end as the system does; return its exit code."""
        process = self._running()
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        code = process.returncode
        return code if code is not None else -1

    async def kill(self) -> None:
        """End it with SIGKILL."""
        process = self._running()
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def wait(self) -> int:
        """Wait for its end."""
        return await self._running().wait()

    async def post(self, path: str, **options: Any) -> Any:
        """Post to the REST API; return the answer."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._http().post(
            self.url + path, headers=headers, **options
        ) as answer:
            if answer.status >= 400:
                text = await answer.text()
                raise HassError(f"{path} answered {answer.status}: {text}")
            return await answer.json()

    async def log_in(self) -> None:
        """Log in as the user, who is made on the first start."""
        client = self._client()
        async with self._http().get(f"{self.url}/api/onboarding") as answer:
            steps = await answer.json() if answer.status == 200 else []
        new = any(step["step"] == "user" and not step["done"] for step in steps)
        if new:
            made = await self.post(
                "/api/onboarding/users", json={**client, "language": "en", **USER}
            )
            code = made["auth_code"]
        else:
            code = await self._code_by_password(client)
        self._token = (await self._tokens(code))["access_token"]
        await self._wait_until_running()
        if new:
            await self.post("/api/onboarding/core_config")
            await self.post("/api/onboarding/analytics")
            there = {**client, "redirect_uri": f"{self.url}/"}
            await self.post("/api/onboarding/integration", json=there)
        # Else Home Assistant goes back to its usual port after five minutes.
        async with self.websocket() as websocket:
            with suppress(HassError):
                await websocket.command(type="http/config/promote")

    async def browser_tokens(self) -> dict[str, Any]:
        """Log in once more; return what the frontend keeps as `hassTokens`."""
        client = self._client()
        tokens = await self._tokens(await self._code_by_password(client))
        return {
            **tokens,
            "hassUrl": self.url,
            "clientId": client["client_id"],
            "expires": 1000 * (int(time.time()) + tokens["expires_in"]),
        }

    def _client(self) -> dict[str, str]:
        return {"client_id": f"{self.url}/"}

    async def _tokens(self, code: str) -> dict[str, Any]:
        form = {**self._client(), "grant_type": "authorization_code", "code": code}
        tokens: dict[str, Any] = await self.post("/auth/token", data=form)
        return tokens

    async def _wait_until_running(self) -> None:
        """Wait for the end of its start: until then it takes no signal to stop."""
        deadline = time.monotonic() + START_SECONDS
        headers = {"Authorization": f"Bearer {self._token}"}
        while time.monotonic() < deadline:
            async with self._http().get(
                f"{self.url}/api/core/state", headers=headers
            ) as answer:
                if (await answer.json())["state"] == "RUNNING":
                    return
            await asyncio.sleep(0.2)
        raise HassError(f"Home Assistant did not end its start:\n{self.log[-4000:]}")

    async def _code_by_password(self, client: dict[str, str]) -> str:
        flow = await self.post(
            "/auth/login_flow",
            json={
                **client,
                "handler": ["homeassistant", None],
                "redirect_uri": self.url,
            },
        )
        answer = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            json={
                **client,
                "username": USER["username"],
                "password": USER["password"],
            },
        )
        return str(answer["result"])

    async def set_up(
        self, source: str, *then: str | dict[str, Any], **fields: Any
    ) -> dict[str, Any]:
        """Set up a station through the forms, as a user does.

        `then` are the steps after the source's own form: what is chosen in a
        menu, or the fields of a form.
        """
        path = "/api/config/config_entries/flow"
        menu = await self.post(path, json={"handler": "eas_station"})
        flow = f"{path}/{menu['flow_id']}"
        result: dict[str, Any] = {}
        for step in (source, fields, *then):
            typed = {"next_step_id": step} if isinstance(step, str) else step
            result = await self.post(flow, json=typed)
        if result["type"] != "create_entry":
            raise HassError(f"The station was not set up: {result}")
        return result

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[Websocket]:
        """Open the websocket API."""
        async with self._http().ws_connect(f"{self.url}/api/websocket") as socket_:
            await socket_.receive_json()
            await socket_.send_json({"type": "auth", "access_token": self._token})
            answer = await socket_.receive_json()
            if answer["type"] != "auth_ok":
                raise HassError("The websocket API refused the login.")
            yield Websocket(socket_)


class Websocket:
    """Commands and events over the websocket API."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Take an authorised connection."""
        self.connection = connection
        self._last_id = 0
        self._events: list[dict[str, Any]] = []

    async def command(self, **message: Any) -> Any:
        """Send a command and return its result; events meanwhile are kept."""
        self._last_id += 1
        await self.connection.send_json({"id": self._last_id, **message})
        while True:
            answer = await self.connection.receive_json()
            if answer["type"] == "event":
                self._events.append(answer["event"])
            elif answer["id"] == self._last_id:
                if not answer["success"]:
                    raise HassError(f"{message['type']}: {answer['error']}")
                return answer["result"]

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Yield events that were subscribed to, for ever."""
        while True:
            while self._events:
                yield self._events.pop(0)
            answer = await self.connection.receive_json()
            if answer["type"] == "event":
                yield answer["event"]

    async def wait_for(
        self, wanted: Callable[[dict[str, Any]], bool], seconds: float
    ) -> dict[str, Any]:
        """Return the first event that is wanted."""
        async with asyncio.timeout(seconds):
            async for event in self.events():
                if wanted(event):
                    return event
        raise HassError("The connection ended.")
