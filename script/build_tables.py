#!/usr/bin/env python3
"""Build eas_core/same/data from public tables: script/build_tables.py FOLDER.

FOLDER holds same_locations.csv, nwr_transmitters.csv and us_counties_10m.topojson.
Needs the package
timezonefinder, which nothing else here does: run it in an environment of its own.
"""

import csv
import json
from pathlib import Path
import sys

TARGET = Path(__file__).parent.parent / "eas_core" / "same" / "data"
COLUMNS = ["code", "name", "state", "kind", "latitude", "longitude", "time_zone"]
# The centroid of a chain of islands across the date line lies elsewhere.
KNOWN_ZONES = {"002016": "America/Adak"}
STATE_ZONES = {
    "AS": "Pacific/Pago_Pago",
    "FM": "Pacific/Pohnpei",
    "MH": "Pacific/Majuro",
    "PW": "Pacific/Palau",
    "VA": "America/New_York",
    "HI": "Pacific/Honolulu",
    "MP": "Pacific/Guam",
}


def build_locations(folder: Path) -> None:
    """Write locations.csv: one row a code, with the time zone of its centre."""
    from timezonefinder import TimezoneFinder

    finder = TimezoneFinder()
    with (folder / "same_locations.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    zones: dict[str, str] = {}
    for row in rows:
        zone = KNOWN_ZONES.get(row["code"], "")
        if not zone and row["latitude"]:
            zone = (
                finder.timezone_at(
                    lat=float(row["latitude"]), lng=float(row["longitude"])
                )
                or ""
            )
        zones[row["code"]] = zone
        # Adak's islands have no centre on either side of the date line.
        if row["code"] in KNOWN_ZONES:
            row["latitude"] = row["longitude"] = ""
    for row in rows:
        code = row["code"]
        whole = "0" + code[1:]
        row["time_zone"] = (
            zones[code] or zones.get(whole, "") or STATE_ZONES.get(row["state"], "")
        )
        row["kind"] = row["kind"].split()[0]
    with (TARGET / "locations.csv").open("w", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def build_transmitters(folder: Path) -> None:
    """Write transmitters.csv, as it is but for the line ends."""
    with (folder / "nwr_transmitters.csv").open(newline="") as source:
        rows = list(csv.reader(source))
    with (TARGET / "transmitters.csv").open("w", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def build_shapes(folder: Path) -> None:
    """Write counties.json: the arcs of the map, and which of them bound each county."""
    topology = json.loads((folder / "us_counties_10m.topojson").read_text())
    counties = {}
    for geometry in topology["objects"]["counties"]["geometries"]:
        arcs = geometry.get("arcs", [])
        polygons = [arcs] if geometry["type"] == "Polygon" else arcs
        counties["0" + geometry["id"]] = polygons
    shapes = {
        "scale": topology["transform"]["scale"],
        "translate": topology["transform"]["translate"],
        "arcs": topology["arcs"],
        "counties": dict(sorted(counties.items())),
    }
    text = json.dumps(shapes, separators=(",", ":"))
    (TARGET / "counties.json").write_text(text.replace("]],[[", "]],\n[[") + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder with the tables and the map.")
    TARGET.mkdir(parents=True, exist_ok=True)
    build_locations(Path(sys.argv[1]))
    build_transmitters(Path(sys.argv[1]))
    build_shapes(Path(sys.argv[1]))
