"""A soak's findings as Markdown and as a picture."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

Lines = Sequence[dict[str, Any]]

WIDTH: Final = 720
HEIGHT: Final = 260
LEFT: Final = 48
BOTTOM: Final = 28
TOP: Final = 24
COLOURS: Final = {"rss_mb": "#0072b2", "threads": "#d55e00", "files": "#009e73"}
NAMES: Final = {"rss_mb": "RSS, MB", "threads": "threads", "files": "open files"}


def of(lines: Lines, kind: str) -> list[dict[str, Any]]:
    """Return the lines of a kind."""
    return [line for line in lines if line["kind"] == kind]


def holds(lines: Lines) -> bool:
    """Whether the verdict is that all is as it should be."""
    ends = of(lines, "end")
    judged = [one for one in lines if "holds" in one]
    faults = of(lines, "fault")
    return (
        bool(ends)
        and all(one["alive"] for one in ends)
        and all(one["holds"] for one in judged)
        and all(one["survived"] for one in faults)
    )


def table(lines: Lines) -> str:
    """Return the faults as a table, and the verdict under it."""
    rows = [
        "| fault | count | survived | messages cut by it | to recover, s: median | worst |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    faults = of(lines, "fault")
    for kind in sorted({one["kind_of_fault"] for one in faults}):
        some = [one for one in faults if one["kind_of_fault"] == kind]
        took = sorted(one["recovered_s"] for one in some if one["survived"])
        middle = f"{took[len(took) // 2]:.1f}" if took else "–"
        worst = f"{took[-1]:.1f}" if took else "–"
        survived = sum(one["survived"] for one in some)
        lost = sum(one["lost"] for one in some)
        rows.append(
            f"| {kind} | {len(some)} | {survived} | {lost} | {middle} | {worst} |"
        )
    for name in ("run", "verdict", "stream", "recordings", "logged", "lag", "end"):
        for line in of(lines, name):
            shown = {key: value for key, value in line.items() if key != "kind"}
            rows.append("")
            rows.append(f"{name}: {shown}")
    if samples := of(lines, "sample"):
        rows += [
            "",
            _flat(samples, ("rss_mb", "threads", "files", "children", "tasks")),
        ]
    if heaps := of(lines, "heap"):
        rows += ["", _flat(heaps, ("used", "kept", "mapped"))]
    return "\n".join(rows)


def _flat(samples: Lines, keys: Sequence[str]) -> str:
    """Return what was held after a tenth, at half and at the end of the time."""
    part = [samples[int(share * (len(samples) - 1))] for share in (0.1, 0.5, 1.0)]
    cells = [
        f"{key} {' → '.join(str(one[key]) for one in part)}"
        for key in keys
        if part[0].get(key) is not None
    ]
    return "at 10 %, 50 %, 100 %: " + "; ".join(cells)


def picture(lines: Lines, title: str) -> str:
    """Return the memory, threads and files over the time, as an SVG; each from its 0 to its top."""
    samples = of(lines, "sample")
    seconds = max(one["seconds"] for one in samples) or 1.0
    faults = [one["wall_s"] for one in of(lines, "fault") if one.get("wall_s")]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            ' font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="14">{escape(title)}</text>',
    ]
    for at in faults:
        x = _x(at, seconds)
        parts.append(
            f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v5" stroke="#999" stroke-width="0.6"/>'
        )
    for number, (key, colour) in enumerate(COLOURS.items()):
        values = [float(one[key]) for one in samples]
        top = max(values) * 1.15 or 1.0
        points = " ".join(
            f"{_x(one['seconds'], seconds):.1f},{_y(value, top):.1f}"
            for one, value in zip(samples, values, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.2"/>'
        )
        parts.append(
            f'<text x="{LEFT + 190 * number}" y="{TOP + 6}" fill="{colour}">'
            f"{NAMES[key]}: {min(values):.0f} to {max(values):.0f}</text>"
        )
    axis = HEIGHT - BOTTOM
    parts.append(f'<path d="M{LEFT} {axis}H{WIDTH - 8}" stroke="#333"/>')
    parts += _ticks(seconds)
    return "\n".join([*parts, "</svg>\n"])


def _ticks(seconds: float) -> Iterable[str]:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield (
            f'<text x="{_x(share * seconds, seconds):.0f}" y="{HEIGHT - 8}"'
            f' text-anchor="middle">{share * seconds / 60:.0f} min</text>'
        )


def _x(at: float, seconds: float) -> float:
    return LEFT + (WIDTH - LEFT - 24) * at / seconds


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP - 12) * value / top
