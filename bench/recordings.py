#!/usr/bin/env python3
"""Score the decoder on recordings: bench/recordings.py FOLDER.

FOLDER holds labels.csv with the columns `file` and `headers` (several headers
with `;` between, none for a look-alike). Prints a table; exits 1 where a header
was missed or a wrong one came.
"""

import csv
from pathlib import Path
import sys
import time

sys.path.insert(0, str(Path(__file__).parent.parent))

from eas_core.audio.files import read_blocks
from eas_core.modem.decoder import SameDecoder


def decode(path: Path) -> tuple[list[str], float, float]:
    """Return the headers heard, the audio's seconds and the time it took."""
    blocks = list(read_blocks(path))
    rate = blocks[0].sample_rate
    decoder = SameDecoder(rate)
    start = time.perf_counter()
    found = [message for block in blocks for message in decoder.feed(block.samples)]
    found += decoder.flush()
    taken = time.perf_counter() - start
    seconds = sum(len(block.samples) for block in blocks) / rate
    headers = [message.header for message in found if not message.end_of_message]
    return headers, seconds, taken


def main() -> int:
    """Print the table and return the exit code."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "labels.csv").is_file():
        print("Name a folder that holds labels.csv.", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    missed = wrong = sent = 0
    with (folder / "labels.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        expected = [header for header in row["headers"].split(";") if header]
        headers, seconds, taken = decode(folder / row["file"])
        lost = [header for header in expected if header not in headers]
        extra = [header for header in headers if header not in expected]
        sent += len(expected)
        missed += len(lost)
        wrong += len(extra)
        verdict = "right" if not lost and not extra else "WRONG"
        print(
            f"{verdict}  {row['file']:32} {seconds:6.1f} s {seconds / taken:6.0f} x"
            f"  {len(expected) - len(lost)} of {len(expected)}"
        )
        for header in extra:
            print(f"       not sent: {header}")
    print(f"{sent - missed} of {sent} headers right, {wrong} wrong, {len(rows)} files")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
