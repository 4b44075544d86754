"""EAS Station: hears the Emergency Alert System with the user's own receiver."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.requirements import RequirementsNotFound

from .agent_entity import async_forget_agent
from .agent_trouble import async_watch_agents
from .agents import async_follow_agents
from .channels import hears_weather_radio
from .const import DOMAIN
from .coordinator import EasStationConfigEntry, EasStationCoordinator
from .devices import async_make_devices
from .drivers import async_install_drivers
from .eas_core.errors import EasError
from .eas_core.sources.source import SourceErrorReason
from .eas_core.station import RecordingOptions, Station, StationOptions
from .events import async_fire_events
from .failing import FailingSource
from .filters import async_follow_options
from .frontend import async_add_card, async_remove_card, async_serve_card
from .history_files import HistoryFiles
from .history_trouble import async_watch_history
from .migration import async_migrate
from .nws_texts import async_look_for_texts
from .pulses import async_watch_pulses
from .reauth import async_watch_credentials
from .recording_trouble import async_watch_recording
from .recordings import recording_folder, recording_options
from .remembering import async_keep_history, async_restore
from .services import async_register_services
from .source_settings import (
    SourceSetting,
    StationSource,
    source_settings,
    station_source,
)
from .subentries import async_follow_subentries, async_note_parts
from .telemetry import async_measure
from .transcripts import async_make_transcripts
from .trouble import async_watch_trouble
from .views import async_register_views
from .watchdogs import async_watch_faults
from .websocket import async_register_commands

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.GEO_LOCATION,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
]


CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions and commands, which are there with or without a station."""
    async_register_services(hass)
    async_register_commands(hass)
    await async_serve_card(hass)
    async_register_views(hass)
    async_follow_subentries(hass)
    return True


async def async_migrate_entry(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> bool:
    """Bring an entry of an earlier version to this one's."""
    return await async_migrate(hass, entry)


async def async_setup_entry(hass: HomeAssistant, entry: EasStationConfigEntry) -> bool:
    """Start the station of an entry."""
    async_note_parts(hass, entry)
    entry.runtime_data = coordinator = await _async_make_coordinator(hass, entry)
    await async_restore(hass, entry)
    # Before all others: what they are told of is in the history.
    entry.async_on_unload(async_keep_history(hass, entry))
    async_make_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(async_fire_events(hass, entry))
    # After those who fire: what is measured is until all have heard of it.
    entry.async_on_unload(async_measure(hass, entry))
    entry.async_on_unload(async_follow_options(hass, entry))
    entry.async_on_unload(async_watch_trouble(hass, entry))
    entry.async_on_unload(async_watch_agents(hass, entry))
    entry.async_on_unload(async_watch_recording(hass, entry))
    entry.async_on_unload(async_watch_history(hass, entry))
    entry.async_on_unload(async_watch_credentials(hass, entry))
    entry.async_on_unload(async_make_transcripts(hass, entry))
    entry.async_on_unload(async_watch_faults(hass, entry))
    entry.async_on_unload(async_look_for_texts(hass, entry))
    entry.async_on_unload(async_watch_pulses(hass, entry))

    async def stop(event: Event) -> None:
        await coordinator.async_stop()

    # Entries are not unloaded when Home Assistant stops.
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    async_add_card(hass)
    await coordinator.async_start()
    entry.async_on_unload(async_follow_agents(hass, entry))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: EasStationConfigEntry) -> bool:
    """Stop the station of an entry."""
    await entry.runtime_data.async_stop()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: EasStationConfigEntry, device: DeviceEntry
) -> bool:
    """Return whether a device may be removed: only that of an agent that is gone."""
    return async_forget_agent(entry, device)


async def async_remove_entry(hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
    """Forget what the station of an entry has heard."""
    await HistoryFiles(hass, entry.entry_id).async_remove_all()
    if not hass.config_entries.async_entries(DOMAIN):
        async_remove_card(hass)


async def _async_make_coordinator(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> EasStationCoordinator:
    own, *others = source_settings(entry)
    recording = recording_options(entry.options, recording_folder(hass, entry.entry_id))
    if hears_weather_radio(entry) and not own.frequencies:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="no_channels",
            translation_placeholders={"station": entry.title},
        )
    try:
        await async_install_drivers(hass, own.kind)
        sources = [station_source(entry, own, recording)]
    except RequirementsNotFound as error:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="no_driver",
            translation_placeholders={"packages": ", ".join(error.requirements)},
        ) from error
    except EasError as error:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="invalid_entry",
            translation_placeholders={"hint": str(error)},
        ) from error
    sources += [
        await _async_other_source(hass, entry, one, recording) for one in others
    ]
    return EasStationCoordinator(hass, entry, sources)


async def _async_other_source(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    setting: SourceSetting,
    recording: RecordingOptions | None,
) -> StationSource:
    """Return another source, one that says what is wrong where it cannot be made."""
    try:
        await async_install_drivers(hass, setting.kind)
        return station_source(entry, setting, recording)
    except RequirementsNotFound as error:
        packages = ", ".join(error.requirements)
        failing = FailingSource(
            SourceErrorReason.NO_LIBRARY,
            f"Install the Python packages {packages}, and reload the station.",
        )
    except EasError as error:
        failing = FailingSource(SourceErrorReason.INVALID_OPTION, str(error))
    options = StationOptions(name=entry.title, channel=setting.name)
    return StationSource(setting=setting, station=Station(failing, options))
