"""SAME headers as text, and the alerts that are made of them."""

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import ClassVar, Final, override

from bench.fuzzing.mutate import mutate_text
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.same import HeaderError, parse_header
from eas_core.station.alerts import build_alert
from tests.core.station.decoded import decoded as clear

HEADERS: Final = (
    "ZCZC-WXR-TOR-039035-039173+0030-1591829-KCLE/NWS-",
    "ZCZC-EAS-RWT-042001-042071-042133+0300-3040858-WJON/TV -",
    "ZCZC-PEP-EAN-000000+9930-3662359-WHITEHSE-",
    f"ZCZC-CIV-DMO-{'-'.join(f'{number:06}' for number in range(31))}+0015-0010000-A-",
)
START: Final = datetime(2026, 1, 1, tzinfo=UTC)


decoded: Final = partial(clear, confidence=0.5, bursts=2, ebn0_db=3.0)
"""A message as a decoder gives it that is far from sure."""


class HeaderTarget(Target[tuple[str, int, int]]):
    """Any text is a header that is written as it was read, and makes an alert; or it is told why not.

    A case is the text, the day it is heard, and a number whose bits say what of it is uncertain.
    """

    name: ClassVar = "header"
    cases: ClassVar = 330_000
    documented: ClassVar = frozenset({"HeaderError"})

    @override
    def case(self, rng: Random) -> tuple[str, int, int]:
        text = rng.choice(HEADERS)
        if rng.randrange(8):
            text = mutate_text(rng, text, HEADERS)
        return text, rng.randrange(3000), rng.getrandbits(300) & rng.getrandbits(300)

    @override
    async def run(self, case: tuple[str, int, int]) -> str:
        text, day, uncertain = case
        try:
            header = parse_header(text)
        except HeaderError as error:
            if error.text != text or "\n" in str(error) or len(str(error)) > 1000:
                raise WrongAnswerError(str(error)) from error
            return "HeaderError"
        sent = header.encode()
        if sent != text.strip() or not sent.isascii():
            raise WrongAnswerError(sent)
        heard = "".join(
            "?" if uncertain >> at & 1 and letter not in "-+" and at > 4 else letter
            for at, letter in enumerate(sent)
        )
        now = START + timedelta(days=day)
        for told in (sent, heard):
            alert = build_alert(decoded(told, sent), "main", now)
            if "?" in f"{alert.event_code}{[each.code for each in alert.locations]}":
                raise WrongAnswerError(f"{alert}")
        return "accepted"
