"""Names that the integration shares with configurations and automations."""

from typing import Final

DOMAIN: Final = "eas_station"

EVENT_ALERT: Final = "eas_alert"
EVENT_END_OF_MESSAGE: Final = "eas_end_of_message"
EVENT_TRANSCRIPT: Final = "eas_transcript"
EVENT_ALERT_TEXT: Final = "eas_alert_text"

# What an entry's data hold: the source, how it is reached, what is heard of it.
CONF_SOURCE: Final = "source"
CONF_LOCATIONS: Final = "locations"
CONF_CALL_SIGN: Final = "call_sign"
CONF_FIRST_ALERT: Final = "first_alert_seconds"
CONF_INTERVAL: Final = "interval_minutes"
CONF_PATH: Final = "path"
CONF_LOOP: Final = "loop"
CONF_SERIAL: Final = "serial"
CONF_DEVICE: Final = "device"
CONF_CHANNEL: Final = "channel"
CONF_URL: Final = "url"
CONF_HOST: Final = "host"
CONF_PORT: Final = "port"
CONF_MODE: Final = "mode"
CONF_SAMPLE_RATE: Final = "sample_rate"
CONF_CHANNELS: Final = "channels"
CONF_SAMPLE_FORMAT: Final = "sample_format"
CONF_HARDWARE: Final = "hardware"
CONF_BASE: Final = "base_topic"

CONF_RECEPTION: Final = "reception"
"""Of radios: `{band, frequencies}`, the frequencies in Hz."""
CONF_BAND: Final = "band"
CONF_FREQUENCIES: Final = "frequencies"

SUBENTRY_CHANNEL: Final = "channel"
"""Of radios on the band of weather radio: a channel, `{frequency}` in Hz."""
SUBENTRY_SOURCE: Final = "source"
"""Another source of the same station: what an entry's data and receiver options hold."""
CONF_FREQUENCY: Final = "frequency"
CONF_SUBENTRY: Final = "subentry_id"
"""Which source asks for other credentials, None for the entry's own."""

# What an entry's options hold: what is changed while listening.
CONF_GAIN: Final = "gain_db"
"""Missing for automatic gain."""
CONF_PPM: Final = "ppm"
CONF_AGC: Final = "agc"
CONF_BIAS_TEE: Final = "bias_tee"
RECEIVER_OPTIONS: Final = (CONF_GAIN, CONF_PPM, CONF_AGC, CONF_BIAS_TEE)
"""Set without building the station anew: its receiver is opened again."""
GAIN_RANGE: Final = (-10.0, 60.0)
"""dB; some tuners have gains below 0."""
PPM_RANGE: Final = (-200, 200)
CONF_QUIET_DBFS: Final = "quiet_dbfs"
CONF_QUIET_SECONDS: Final = "quiet_seconds"
CONF_PLACES: Final = "places"
"""Missing for the places of the set-up (CONF_LOCATIONS)."""
CONF_EVENT_RULE: Final = "event_rule"
CONF_EVENTS: Final = "events"
CONF_TESTS: Final = "tests"
CONF_CORROBORATED: Final = "corroborated"
CONF_TRANSCRIPT_ENGINE: Final = "transcript_engine"
"""A speech-to-text engine of Home Assistant's; missing for none."""
CONF_TRANSCRIPT_LANGUAGE: Final = "transcript_language"
CONF_NWS_TEXT: Final = "nws_text"
CONF_EXPECT_TESTS: Final = "expect_tests"
"""Missing: of all sources but files."""
CONF_RECORD: Final = "record"
CONF_COPY: Final = "copy"
CONF_TONES_IN_COPY: Final = "tones_in_copy"
CONF_KEEP_DAYS: Final = "keep_days"
CONF_KEEP_TEST_DAYS: Final = "keep_test_days"
CONF_KEEP_MB: Final = "keep_mb"
CONF_FLOOR_MB: Final = "floor_mb"

SOURCE_RTL_SDR: Final = "rtl_sdr"
SOURCE_RTL_TCP: Final = "rtl_tcp"
SOURCE_SOUND_CARD: Final = "sound_card"
SOURCE_STREAM: Final = "stream"
SOURCE_PCM: Final = "pcm"
SOURCE_FILE: Final = "file"
SOURCE_SIMULATOR: Final = "simulator"
SOURCE_AGENTS: Final = "agents"

SOURCES: Final = (
    SOURCE_RTL_SDR,
    SOURCE_RTL_TCP,
    SOURCE_SOUND_CARD,
    SOURCE_STREAM,
    SOURCE_PCM,
    SOURCE_FILE,
    SOURCE_SIMULATOR,
    SOURCE_AGENTS,
)
RADIOS: Final = (SOURCE_RTL_SDR, SOURCE_RTL_TCP)

BAND_NWR: Final = "nwr"
BAND_FM: Final = "fm"
BAND_AM: Final = "am"

DEFAULT_CALL_SIGN: Final = "KSIM/NWS"
DEFAULT_FIRST_ALERT: Final = 15
DEFAULT_INTERVAL: Final = 30
DEFAULT_RTL_TCP_PORT: Final = 1234
DEFAULT_PCM_PORT: Final = 7355
DEFAULT_SAMPLE_RATE: Final = 48_000
DEFAULT_TRANSCRIPT_LANGUAGE: Final = "en"
