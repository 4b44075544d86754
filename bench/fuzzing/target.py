"""A part under test, and how cases are driven through it and counted."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
import time
import traceback
from typing import Any, ClassVar, Final

SLOW_SECONDS: Final = 20.0
"""Of the processor; a case that takes more hangs."""

WARM: Final = 0.2
"""Of the cases; what memory holds by then is what the part needs."""

SHOWN: Final = 300
"""Letters of a case that are told."""


class WrongAnswerError(Exception):
    """What came out is not what may come out of this case, though nothing was raised."""


class Target[Case](ABC):
    """A part that is fed what it does not expect.

    `cases` are those of a full run; with `inputs` of them in one episode, which is made of
    one seed. `documented` names all answers that a case may have beside `accepted`.
    """

    name: ClassVar[str]
    cases: ClassVar[int]
    inputs: ClassVar[int] = 1
    documented: ClassVar[frozenset[str]] = frozenset()

    def opened(self, folder: Path) -> AbstractAsyncContextManager[None]:
        """Have ready what cases need; `folder` is empty, and gone afterwards."""
        return self._opened(folder)

    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        yield

    @abstractmethod
    def case(self, rng: Random) -> Case:
        """Return a case; the same for the same state of `rng`."""

    @abstractmethod
    async def run(self, case: Case) -> str:
        """Return `accepted` or the name of a documented error; all that is raised is undocumented."""


@dataclass(slots=True)
class Outcome:
    """What came of a target's cases; seconds are of the slowest, MB what memory grew by once warm."""

    cases: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    failed: int = 0
    slowest_seconds: float = 0.0
    slowest_case: int = 0
    grown_mb: float = 0.0

    def fail(self, text: str) -> None:
        """Count a failure; the first ten are told."""
        self.failed += 1
        if len(self.failures) < 10:
            self.failures.append(text)


def generator(target: Target[Any], seed: int, number: int) -> Random:
    """Return what makes a case; the same case for the same numbers, on any machine."""
    return Random(f"{target.name}/{seed}/{number}")  # noqa: S311 - to be repeated


async def drive(
    target: Target[Any],
    seed: int,
    numbers: range,
    folder: Path,
    tell: Callable[[int], None] = lambda number: None,
) -> Outcome:
    """Run the episodes of these numbers; `tell` is told the number of each before it is run."""
    outcome = Outcome()
    warm = numbers.start + int(len(numbers) * WARM)
    settled = 0.0
    async with target.opened(folder):
        for number in numbers:
            tell(number)
            await _episode(target, seed, number, outcome)
            if number == warm:
                settled = resident_mb()
        outcome.grown_mb = max(0.0, resident_mb() - settled) if settled else 0.0
    return outcome


async def _episode(
    target: Target[Any], seed: int, number: int, outcome: Outcome
) -> None:
    case = target.case(generator(target, seed, number))
    begun = time.process_time()
    try:
        answer = await target.run(case)
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        answer = "undocumented"
        outcome.fail(
            f"{target.name} {seed} {number}: {type(error).__name__}: {error!s:.200}"
            f" at {place.filename}:{place.lineno}\n    {shown(case)}"
        )
    seconds = time.process_time() - begun
    if answer not in ("accepted", "undocumented", *target.documented):
        outcome.fail(f"{target.name} {seed} {number}: {answer} is not documented")
    if seconds > SLOW_SECONDS:
        outcome.fail(f"{target.name} {seed} {number}: took {seconds:.0f} s")
    if seconds > outcome.slowest_seconds:
        outcome.slowest_seconds, outcome.slowest_case = seconds, number
    outcome.cases += target.inputs
    outcome.answers[answer] += target.inputs


def shown(case: object) -> str:
    """Return a case as far as a person wants to read it."""
    try:
        text = repr(case)
    except RecursionError:
        text = f"a deep {type(case).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)})"


def resident_mb() -> float:
    """Return the memory that this process has, in MB."""
    text = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(text.split()[1]) * 4096 / 2**20
