"""Messages as a decoder gives them."""

from eas_core.modem.decoded import Decoded


def decoded(
    header: str,
    best_guess: str | None = None,
    *,
    confidence: float = 1.0,
    bursts: int = 3,
    ebn0_db: float = 20.0,
) -> Decoded:
    """Return a message: of no doubt, where nothing else is said."""
    return Decoded(
        header=header,
        best_guess=best_guess or header,
        confidence=confidence,
        bursts=bursts,
        start_sample=0,
        end_sample=1,
        ebn0_db=ebn0_db,
        baud_error=0.0,
        tone_offset=0.0,
        character_confidence=(),
    )
