"""Choosing what a radio hears: the channels of weather radio, measured or not, or a station."""

import asyncio
from collections import deque
from functools import partial
import threading
from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
import probatio

from ..channels import async_nearby, channel_label
from ..const import (
    BAND_AM,
    BAND_FM,
    BAND_NWR,
    CONF_BAND,
    CONF_FREQUENCIES,
    CONF_RECEPTION,
)
from ..eas_core.masking import mask_secrets
from ..eas_core.radio.plan import AM_BAND, FM_BAND, NWR_CHANNELS, nwr_plan
from ..eas_core.sources.source import SourceError
from ..eas_core.station.scan import ScannedChannel, propose, scan
from ..sources import build_source
from .fields import Fields, choice, number
from .form import Draft, SourceSteps

PROGRESS_SECONDS: Final = 0.5
CONF_STATION: Final = "station"


class ReceptionSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks what the radio of a draft is to hear."""

    _draft: Draft

    def __init__(self) -> None:
        """Have measured nothing yet."""
        super().__init__()
        self._scan: asyncio.Task[list[ScannedChannel]] | None = None
        self._scanned: list[ScannedChannel] = []
        self._scan_hint = ""

    async def _choose_reception(self, draft: Draft) -> Result:
        await self._abort_if_taken(draft)
        self._draft = draft
        return await self.async_step_reception()

    async def async_step_reception(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Choose the band, and whether the channels are to be measured."""
        return self.async_show_menu(
            step_id="reception", menu_options=["nwr_scan", "nwr", "fm", "am"]
        )

    async def async_step_nwr_scan(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Measure the seven channels."""
        if self._scan is None:
            self._scan = self.hass.async_create_task(
                self._async_scan(), "eas_station scan"
            )
        if not self._scan.done():
            return self.async_show_progress(
                step_id="nwr_scan",
                progress_action="nwr_scan",
                progress_task=self._scan,
            )
        done, self._scan = self._scan, None
        try:
            self._scanned = done.result()
        except SourceError as error:
            self._scan_hint = mask_secrets(error.hint)
            return self.async_show_progress_done(next_step_id="nwr_scan_failed")
        return self.async_show_progress_done(next_step_id="nwr")

    async def async_step_nwr_scan_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Tell why, and choose again."""
        return self.async_show_menu(
            step_id="nwr_scan_failed",
            menu_options=["nwr_scan", "nwr", "fm", "am"],
            description_placeholders={"hint": self._scan_hint},
        )

    async def async_step_nwr(self, user_input: dict[str, Any] | None = None) -> Result:
        """Choose channels of weather radio."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = sorted(int(each) for each in user_input[CONF_FREQUENCIES])
            if chosen:
                return await self._hear(BAND_NWR, chosen)
            errors[CONF_FREQUENCIES] = "no_channels"
        labels, proposed = await self._channels()
        field = probatio.Required(
            CONF_FREQUENCIES, default=[str(each) for each in proposed]
        )
        fields: Fields = {field: choice(labels, multiple=True, in_list=True)}
        return self._form("nwr", fields, {}, errors)

    async def async_step_fm(self, user_input: dict[str, Any] | None = None) -> Result:
        """Choose a broadcast station on FM, in MHz."""
        low, high = (each / 1e6 for each in FM_BAND)
        field = number(low, high, "MHz", 0.1)
        return await self._station(BAND_FM, 1e6, field, user_input)

    async def async_step_am(self, user_input: dict[str, Any] | None = None) -> Result:
        """Choose a broadcast station on AM, in kHz."""
        low, high = (each / 1e3 for each in AM_BAND)
        field = number(low, high, "kHz", 10)
        return await self._station(BAND_AM, 1e3, field, user_input)

    async def _station(
        self, band: str, unit: float, field: Any, typed: dict[str, Any] | None
    ) -> Result:
        if typed is not None:
            return await self._hear(band, [round(typed[CONF_STATION] * unit)])
        fields: Fields = {probatio.Required(CONF_STATION): field}
        heard = self._heard(band)
        shown = {CONF_STATION: heard[0] / unit} if heard else {}
        return self._form(band, fields, shown)

    async def _hear(self, band: str, frequencies: list[int]) -> Result:
        self._draft.data[CONF_RECEPTION] = {
            CONF_BAND: band,
            CONF_FREQUENCIES: frequencies,
        }
        return await self._finish(self._draft)

    def _heard(self, band: str) -> list[int]:
        """Return the frequencies of a band that the source hears that is changed."""
        changed = self._changed
        reception = changed.data.get(CONF_RECEPTION) if changed else None
        if changed is None or reception is None or reception[CONF_BAND] != band:
            return []
        return list(reception.get(CONF_FREQUENCIES, changed.frequencies))

    async def _channels(self) -> tuple[dict[str, str], list[int]]:
        """Return the labels of the seven by their frequencies, and which to hear."""
        if self._scanned:
            labels = {
                str(one.channel.frequency): channel_label(
                    one.channel.frequency, one.transmitters, _signal(one)
                )
                for one in self._scanned
            }
            # What it hears already is not lost for one scan that missed it.
            heard = {*propose(self._scanned), *self._heard(BAND_NWR)}
            return labels, sorted(heard)
        near = await async_nearby(self.hass)
        labels = {str(each): channel_label(each, near[each]) for each in NWR_CHANNELS}
        known = [each for each in NWR_CHANNELS if near[each]]
        return labels, self._heard(BAND_NWR) or known or list(NWR_CHANNELS)

    async def _async_scan(self) -> list[ScannedChannel]:
        """Measure on a thread that ends soon after this task is cancelled; raises SourceError."""
        home, stop = self.hass.config, threading.Event()
        shares = deque([0.0], maxlen=1)
        source = build_source(self._draft.data, self._draft.options, nwr_plan())
        measure = partial(
            scan,
            source,
            home.latitude,
            home.longitude,
            progress=shares.append,
            stop=stop,
        )
        async with self._receiver_is_free():
            job = self.hass.async_add_executor_job(measure)
            try:
                while not (await asyncio.wait([job], timeout=PROGRESS_SECONDS))[0]:
                    self.async_update_progress(shares[-1])
                return job.result()
            finally:
                stop.set()
                # The receiver is free when the thread has ended.
                await asyncio.wait([job])


def _signal(one: ScannedChannel) -> str:
    return f"{one.quality.snr_db:.0f} dB" if one.heard else "–"
