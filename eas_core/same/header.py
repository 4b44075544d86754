"""The SAME header: its form, 47 CFR 11.31(c), parsed and written."""

from dataclasses import dataclass
import re
from typing import Final

from ..errors import EasError

MAX_LOCATIONS: Final = 31
MAX_SENDER: Final = 16
"""The rule gives a sender eight characters; what is heard may have others."""

_SENDER = r"[!-,.-~ ](?:[ -~]{0,14}[!-,.-~ ])?"
_FIELDS: Final = {
    "originator": re.compile(r"[A-Z]{3}"),
    "event_code": re.compile(r"[A-Z0-9]{3}"),
    "purge_hhmm": re.compile(r"[0-9]{4}"),
    "issued_code": re.compile(r"[0-9]{7}"),
    "sender": re.compile(_SENDER),
}
_LOCATION: Final = re.compile(r"[0-9]{6}")
_SAID: Final = {
    "originator": "three letters for the originator",
    "event_code": "three letters or digits for the event",
    "locations": f"1 to {MAX_LOCATIONS} locations of six digits",
    "purge_hhmm": "+ and four digits for how long it is valid",
    "issued_code": "seven digits for the day and time of issue",
    "sender": f"a sender of 1 to {MAX_SENDER} printable characters and a dash",
    "header": "a header that begins with ZCZC-",
}


class HeaderError(EasError):
    """A text that is no SAME header.

    `field` is the name of the first part that is not in form, `text` the text
    as it was given.
    """

    def __init__(self, field: str, text: str) -> None:
        """Name the part and keep the text."""
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"Give {_SAID[field]}; {shown!r} is not a SAME header.")
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header in its parts, each as sent.

    `locations` are PSSCCC, `purge_hhmm` is TTTT, `issued_code` JJJHHMM in UTC.
    Raises HeaderError for a part that is not in form; whether a code is known
    or a date exists is not the form's affair.
    """

    originator: str
    event_code: str
    locations: tuple[str, ...]
    purge_hhmm: str
    issued_code: str
    sender: str

    def __post_init__(self) -> None:
        """Check the form of each part."""
        for field, form in _FIELDS.items():
            value = getattr(self, field)
            if not form.fullmatch(value):
                raise HeaderError(field, value)
        listed = self.locations
        if not 1 <= len(listed) <= MAX_LOCATIONS or not all(
            _LOCATION.fullmatch(code) for code in listed
        ):
            raise HeaderError("locations", "-".join(listed))

    @property
    def purge_minutes(self) -> int:
        """How long the message is valid, in minutes."""
        return int(self.purge_hhmm[:2]) * 60 + int(self.purge_hhmm[2:])

    def encode(self) -> str:
        """Return the header as it is sent."""
        return (
            f"ZCZC-{self.originator}-{self.event_code}-{'-'.join(self.locations)}"
            f"+{self.purge_hhmm}-{self.issued_code}-{self.sender}-"
        )


def parse_header(text: str) -> Header:
    """Return the parts of a header; what blanks surround it does not matter.

    Raises HeaderError that names the first part that is not in form.
    """
    stripped = text.strip()
    lead, _, rest = stripped.partition("-")
    if lead != "ZCZC":
        raise HeaderError("header", text)
    for field in ("originator", "event_code"):
        value, _, rest = rest.partition("-")
        if not _FIELDS[field].fullmatch(value):
            raise HeaderError(field, text)
    places, plus, tail = rest.partition("+")
    locations = tuple(places.split("-"))
    if not 1 <= len(locations) <= MAX_LOCATIONS or not all(
        _LOCATION.fullmatch(code) for code in locations
    ):
        raise HeaderError("locations", text)
    purge_hhmm, _, tail = tail.partition("-")
    if not plus or not _FIELDS["purge_hhmm"].fullmatch(purge_hhmm):
        raise HeaderError("purge_hhmm", text)
    issued_code, _, tail = tail.partition("-")
    if not _FIELDS["issued_code"].fullmatch(issued_code):
        raise HeaderError("issued_code", text)
    if not tail.endswith("-") or not _FIELDS["sender"].fullmatch(tail[:-1]):
        raise HeaderError("sender", text)
    originator, event_code = stripped[5:8], stripped[9:12]
    return Header(
        originator=originator,
        event_code=event_code,
        locations=locations,
        purge_hhmm=purge_hhmm,
        issued_code=issued_code,
        sender=tail[:-1],
    )
