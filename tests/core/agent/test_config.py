"""What an agent's file may say, and the clear word for all else."""

from pathlib import Path

from hypothesis import given, settings, strategies as st
import pytest

from eas_core.agent.config import AgentConfig, read_config
from eas_core.agent.table import ConfigError
from eas_core.sources.choice import choose_source
from eas_core.sources.rtl_tcp import RtlTcpSource

LEAST = """
[agent]
name = "attic"
[broker]
host = "broker.local"
[[station]]
name = "Radio"
source = "simulator"
"""


def read(path: Path, text: str, **environment: str) -> AgentConfig:
    file = path / "agent.toml"
    file.write_text(text)
    return read_config(file, environment)


def test_the_least_has_all_that_is_needed(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert config.topics.alert == "eas_station/attic/alert"
    assert (config.broker.host, config.broker.port) == ("broker.local", 1883)
    assert config.stations[0].name == "Radio"
    assert config.stations[0].recording is None
    assert config.level_seconds is None
    assert config.discovery is None


def test_all_that_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    config = read(
        tmp_path,
        f"""
[agent]
name = "attic"
base = "home/eas"
folder = "{tmp_path}"
health_seconds = 30
level_seconds = 2.5
discovery = true
discovery_prefix = "ha"
[broker]
host = "broker.local"
tls = true
user = "eas"
password_file = "{tmp_path}/password"
ca_file = "ca.pem"
certificate_file = "me.pem"
key_file = "me.key"
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
keep_days = 30
[[station]]
name = "Web"
source_env = "WEB"
""",
        WEB="http://user:secret@web/stream",
    )
    assert (config.broker.port, config.broker.password) == (8883, "hush")
    assert config.discovery == "ha"
    assert config.broker.keepalive == 30
    radio, web = config.stations
    source, plan = choose_source(radio.choice)
    assert isinstance(source, RtlTcpSource)
    assert source.dongle.gain_db == 20.0
    assert source.dongle.ppm == -3
    assert plan is not None
    assert [each.frequency for each in plan.channels] == [162_400_000, 162_550_000]
    assert radio.recording is not None
    assert radio.recording.copy == "opus"
    assert radio.recording.keep_days == 30.0
    assert radio.recording.folder == f"{tmp_path}/recordings"
    assert web.choice.source == "http://user:secret@web/stream"
    assert radio.build().options.name == "Radio"


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('name = "attic"', "", r"Write name in \[agent\]"),
        ('name = "attic"', 'name = "A B"', "small letters"),
        ('name = "attic"', 'name = "attic"\nbase = "a/#"', "without"),
        ('name = "attic"', 'name = "a"\ndiscovery = "on"', "true or false"),
        ('name = "attic"', 'name = "a"\ndiscovery_prefix = "a/+"', "discovery_prefix"),
        ('host = "broker.local"', "", r"Write host in \[broker\]"),
        ('host = "broker.local"', "host = 7", "text in quotes"),
        ('host = "broker.local"', 'host = "b"\nport = "x"', "Write port"),
        ('host = "broker.local"', 'host = "b"\ntls = 1', "true or false"),
        ('host = "broker.local"', 'host = "b"\npassword = "x"', "password_file"),
        ('host = "broker.local"', 'host = "b"\npassword_env = "X"', "variable X"),
        ('host = "broker.local"', 'host = "b"\npassword_file = "/no"', "into /no"),
        ('host = "broker.local"', 'host = "b"\nhots = "x"', "Nothing is known of hots"),
        ('source = "simulator"', "", "Name the source"),
        ('source = "simulator"', 'source = "simulator"\nchannels = 1', "in brackets"),
        ('source = "simulator"', 'source = "simulator"\nppm = 1.5', "ppm"),
        (
            'source = "simulator"',
            'source = "simulator"\nrecording = {copy = "x"}',
            "copy",
        ),
        ("[[station]]", "[[station]]\nfm = nan", "fm .* as a number"),
        ("[[station]]", "[[station]]\nrate = 1e400", "rate .* as a number"),
        ("[[station]]", f"[[station]]\nam = {'9' * 400}", "am .* as a number"),
        ("[[station]]", f"[[station]]\nam = {'9' * 5000}", "Mend"),
        ('host = "broker.local"', 'host = "b\\u0000"', "in one line"),
        ("[[station]]", "[station]", r"\[\[station\]\]"),
        ("[broker]", "[borker]", r"a table \[broker\]"),
        ("[broker]", "[broker", "Mend"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    tmp_path: Path, old: str, new: str, hint: str
) -> None:
    with pytest.raises(ConfigError, match=hint):
        read(tmp_path, LEAST.replace(old, new))


def test_stations_have_names_of_their_own(tmp_path: Path) -> None:
    twice = LEAST + '[[station]]\nname = "Radio"\nsource = "simulator"\n'
    with pytest.raises(ConfigError, match="its own name"):
        read(tmp_path, twice)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "none.toml", {})


@given(text=st.text(max_size=200) | st.sampled_from(LEAST.splitlines()))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_told_to_be_wrong(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigError):
        read_config(file, {})
