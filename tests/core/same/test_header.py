"""47 CFR 11.31(c): what is a header, and what is none."""

from hypothesis import given, strategies as st
import pytest

from eas_core.same import Header, HeaderError, parse_header

WEEKLY_TEST = "ZCZC-EAS-RWT-042001-042071-042133+0300-3040858-WJON/TV -"

letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


senders = st.text(printable, min_size=1, max_size=16).filter(
    lambda sender: not sender.startswith("-") and not sender.endswith("-")
)
headers = st.builds(
    Header,
    originator=letters,
    event_code=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=3),
    locations=st.lists(digits(6), min_size=1, max_size=31).map(tuple),
    purge_hhmm=digits(4),
    issued_code=digits(7),
    sender=senders,
)


@given(headers)
def test_what_is_written_is_read_back(header: Header) -> None:
    text = header.encode()
    assert parse_header(text) == header
    assert parse_header(text).encode() == text
    assert parse_header(f"\r\n {text}\n") == header


@given(st.text(max_size=120))
def test_any_text_is_a_header_or_says_why_not(text: str) -> None:
    try:
        header = parse_header(text)
    except HeaderError as error:
        assert error.field
        assert error.text == text
        assert "\n" not in str(error)
    else:
        assert header.encode() == text.strip()


@given(headers, st.integers(0, 60), printable)
def test_a_changed_character_never_raises_another_error(
    header: Header, position: int, letter: str
) -> None:
    text = header.encode()
    position %= len(text)
    changed = text[:position] + letter + text[position + 1 :]
    try:
        assert parse_header(changed).encode() == changed.strip()
    except HeaderError as error:
        assert error.text == changed


def test_a_header_has_its_parts() -> None:
    header = parse_header(WEEKLY_TEST)
    assert header.originator == "EAS"
    assert header.event_code == "RWT"
    assert header.locations == ("042001", "042071", "042133")
    assert header.purge_minutes == 180
    assert header.issued_code == "3040858"
    assert header.sender == "WJON/TV "


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "header"),
        ("NNNN", "header"),
        ("ZCZC", "originator"),
        ("ZCZC-WX-TOR-039173+0030-1591829-KCLE/NWS-", "originator"),
        ("ZCZC-wxr-TOR-039173+0030-1591829-KCLE/NWS-", "originator"),
        ("ZCZC-WXR-TO-039173+0030-1591829-KCLE/NWS-", "event_code"),
        ("ZCZC-WXR-TOR+0030-1591829-KCLE/NWS-", "event_code"),
        ("ZCZC-WXR-TOR-+0030-1591829-KCLE/NWS-", "locations"),
        ("ZCZC-WXR-TOR-39173+0030-1591829-KCLE/NWS-", "locations"),
        ("ZCZC-WXR-TOR-039173-0030-1591829-KCLE/NWS-", "locations"),
        ("ZCZC-WXR-TOR-039173+030-1591829-KCLE/NWS-", "purge_hhmm"),
        ("ZCZC-WXR-TOR-039173+0030-159182-KCLE/NWS-", "issued_code"),
        ("ZCZC-WXR-TOR-039173+0030-1591829-KCLE/NWS", "sender"),
        ("ZCZC-WXR-TOR-039173+0030-1591829--", "sender"),
    ],
)
def test_what_is_not_in_form_names_the_part(text: str, field: str) -> None:
    with pytest.raises(HeaderError) as caught:
        parse_header(text)
    assert caught.value.field == field


def test_thirty_one_locations_are_the_most() -> None:
    places = "-".join(f"{number:06d}" for number in range(31))
    parse_header(f"ZCZC-WXR-TOR-{places}+0030-1591829-KCLE/NWS-")
    with pytest.raises(HeaderError, match="1 to 31 locations"):
        parse_header(f"ZCZC-WXR-TOR-{places}-000031+0030-1591829-KCLE/NWS-")


def test_codes_of_no_table_are_in_form() -> None:
    header = parse_header("ZCZC-ZZZ-X9X-999999+9999-9999999-?-")
    assert header.locations == ("999999",)


def test_what_is_sent_is_checked() -> None:
    with pytest.raises(HeaderError, match="originator"):
        Header(
            originator="nws",
            event_code="TOR",
            locations=("039173",),
            purge_hhmm="0030",
            issued_code="1591829",
            sender="KCLE/NWS",
        )
