#!/usr/bin/env python3
"""What cards in real browsers cost and get: bench/card.py [SECONDS [TABS…]].

A real hass hears the seven simulated channels while none and then so many tabs (1 10) of
Chromium show its card, meters and band, SECONDS (20) each. Then a message is sent to
another station, and how long it takes from its second burst to the card is measured.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
from statistics import median
import sys
import tempfile
import time
from typing import Final

from playwright.async_api import CDPSession, Locator, WebSocket

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import ROOT, cpu_seconds, resident_mb
from eas_core.modem.constants import BAUD
from eas_core.same.header import parse_header
from script.browser import DESKTOP, Browser, Tab
from script.dashboards import CARD, make_dashboard
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio
from script.transmitter import Transmitter

SETTLE: Final = 8.0
FRAME_DRAWS: Final = """() => {
  window.draws = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  let seen = null;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    seen ??= this.canvas;
    if (seen === this.canvas) window.draws += 1;
    return clear.apply(this, box);
  };
}"""
NOTE_ARRIVAL: Final = """card => {
  const seen = () => card.shadowRoot.querySelector(".alert.lead h3");
  new MutationObserver(() => { if (seen()) card.arrived ??= Date.now(); })
    .observe(card.shadowRoot, {childList: true, subtree: true});
}"""
BEFORE_BURST: Final = 0.5
"""What the transmitter sends before the first, in seconds."""


class Page:
    """A tab with a card, and what it is told."""

    card: Locator
    devtools: CDPSession

    def __init__(self, tab: Tab) -> None:
        """Take a tab that is still empty."""
        self.tab = tab
        self.bytes = 0
        tab.page.on("websocket", self._count)

    async def open(self, path: str) -> None:
        """Load a dashboard with a card, and begin to count."""
        await self.tab.go(path)
        self.card = self.tab.page.locator("eas-station-card")
        await self.card.get_by_role("meter").first.wait_for()
        self.devtools = await self.tab.page.context.new_cdp_session(self.tab.page)
        await self.tab.page.evaluate(FRAME_DRAWS)

    def _count(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, payload: str | bytes) -> None:
        self.bytes += len(payload)

    async def heap_mb(self) -> float:
        """Return what its scripts hold, in MB, after collecting garbage."""
        await self.devtools.send("HeapProfiler.collectGarbage")
        used = await self.devtools.send("Runtime.getHeapUsage")
        return float(used["usedSize"]) / 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many tabs cost, and what each got; CPU in percent of one core."""

    tabs: int
    hass: float
    hass_mb: float
    page: float
    frames: float
    bytes: float
    heap_before: float
    heap_after: float


@asynccontextmanager
async def open_page(
    hass: HassProcess, browser: Browser, path: str
) -> AsyncIterator[Page]:
    """Open a tab on a dashboard with a card."""
    async with browser.tab(hass, DESKTOP) as tab:
        page = Page(tab)
        await page.open(path)
        yield page


def chromium_seconds() -> float:
    """Return the processor time of all processes of Chromium's that are ours."""
    return sum(cpu_seconds(pid) for pid in descendants(os.getpid()) if is_chromium(pid))


def descendants(pid: int) -> Iterator[int]:
    """Yield the numbers of a process's children, and of theirs."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield int(child)
            yield from descendants(int(child))


def is_chromium(pid: int) -> bool:
    """Whether a process is one of Chromium's; false where it has ended."""
    try:
        return "chromium" in Path(f"/proc/{pid}/comm").read_text(encoding="ascii")
    except OSError:
        return False


async def measure(
    hass: HassProcess, browser: Browser, path: str, tabs: int, seconds: float
) -> Cost:
    """Let so many tabs show the card for a while."""
    async with AsyncExitStack() as stack:
        pages = [
            await stack.enter_async_context(open_page(hass, browser, path))
            for _ in range(tabs)
        ]
        await asyncio.sleep(SETTLE)
        heap_before = [await page.heap_mb() for page in pages]
        for page in pages:
            page.bytes = 0
            await page.tab.page.evaluate("window.draws = 0")
        begun, spent = time.monotonic(), cpu_seconds(hass.pid)
        pages_spent = chromium_seconds()
        await asyncio.sleep(seconds)
        took = time.monotonic() - begun
        hass_cpu = 100 * (cpu_seconds(hass.pid) - spent) / took
        page_cpu = 100 * (chromium_seconds() - pages_spent) / took
        draws = [await page.tab.page.evaluate("window.draws") for page in pages]
        return Cost(
            tabs=tabs,
            hass=hass_cpu,
            hass_mb=resident_mb(hass.pid),
            page=page_cpu / tabs if tabs else 0.0,
            frames=median(draws) / took if tabs else 0.0,
            bytes=median(page.bytes for page in pages) / took if tabs else 0.0,
            heap_before=median(heap_before) if tabs else 0.0,
            heap_after=median([await page.heap_mb() for page in pages])
            if tabs
            else 0.0,
        )


async def burst_to_card(hass: HassProcess, browser: Browser) -> float:
    """Return the seconds from the end of a message's second burst to the card.

    Two bursts make most messages certain: the third is not waited for.
    """
    async with Transmitter() as transmitter:
        made = await transmitter.set_up(hass, "Bench EAS")
        shown = {"type": CARD, "entry_id": made["result"]["entry_id"]}
        path = await make_dashboard(hass, "card-alert", shown)
        async with open_page(hass, browser, path) as page:
            await page.card.evaluate(NOTE_ARRIVAL)
            header = await transmitter.send("TOR")
            sent = time.time()
            await page.card.locator(".alert.lead h3").wait_for()
            arrived = await page.card.evaluate("card => card.arrived")
    burst = (16 + len(parse_header(header).encode())) * 8 / float(BAUD)
    return float(arrived) / 1000 - (sent + BEFORE_BURST + 2 * burst + 1.0)


async def main(seconds: float, counts: list[int]) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        make_configuration(folder, ROOT / "custom_components" / "eas_station", port)
        async with (
            simulated_radio(first_alert=600) as radio,
            HassProcess(folder, port) as hass,
            Browser() as browser,
        ):
            await hass.log_in()
            made = await set_up_radio(hass, "Bench Radio", radio.port)
            shown = {"type": CARD, "entry_id": made["result"]["entry_id"]}
            path = await make_dashboard(hass, "card-bench", shown)
            await asyncio.sleep(SETTLE)
            print(
                "tabs  hass CPU  hass MB  page CPU  frames/s  bytes/s"
                "  heap MB before  after"
            )
            for tabs in (0, *counts):
                # Without tabs nothing grows: half a minute tells all.
                span = seconds if tabs else min(seconds, 30.0)
                cost = await measure(hass, browser, path, tabs, span)
                print(
                    f"{cost.tabs:4}  {cost.hass:6.1f} %  {cost.hass_mb:7.0f}"
                    f"  {cost.page:6.1f} %  {cost.frames:8.1f}  {cost.bytes:7.0f}"
                    f"  {cost.heap_before:14.1f}  {cost.heap_after:5.1f}",
                    flush=True,
                )
            late = await burst_to_card(hass, browser)
            print(f"from the end of the second burst to the card: {late:.2f} s")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(
        main(
            float(arguments[0]) if arguments else 20.0,
            [int(one) for one in arguments[1:]] or [1, 10],
        )
    )
