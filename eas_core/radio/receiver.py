"""A radio's samples in, the audio of each channel out."""

from dataclasses import dataclass

from ..audio.block import AudioBlock, IqBlock
from .plan import RadioPlan
from .quality import BandSpectrum, SignalQuality


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Received:
    """What a block of radio samples gave: audio for each channel by its name.

    All channels' audio has the same rate and covers the same samples, or none.
    `quality` comes once a second, a `spectrum` at most five times a second.
    """

    audio: dict[str, AudioBlock]
    quality: tuple[SignalQuality, ...] = ()
    spectrum: BandSpectrum | None = None


class Receiver:
    """Demodulates all channels of a plan at once.

    Any block size gives the same audio. A gap in the radio's samples is a gap
    of the same length in the audio's sample numbers.
    """

    def __init__(self, plan: RadioPlan) -> None:
        """Design the filters; raises PlanError where the radio's band does not hold the channels."""
        self.plan = plan

    def feed(self, block: IqBlock) -> Received:
        """Take the radio's next samples."""
        return Received(audio={})
