"""All places that an alert can name, to choose from by name.

One list of all of them: Home Assistant's field searches in what it was given,
and draws only the rows that are seen.
"""

from ..eas_core.same import Location, all_codes, counties_near, location
from ..eas_core.same.areas import STATES, WATERS
from ..eas_core.same.shapes import home_county

NATION = "000000"


def home_places(latitude: float, longitude: float, count: int) -> list[Location]:
    """Return the county of a point in degrees, and those with the nearest centres."""
    home = home_county(latitude, longitude)
    near = counties_near(latitude, longitude, count)
    return [home, *(place for place in near if place.code != home.code)][:count]


def place_choices(near: list[Location]) -> dict[str, str]:
    """Return the label of every place by its code: those near first, then by state.

    Takes some hundredths of a second: not for an event loop.
    """
    first = [place.code for place in near]
    first.append(f"0{near[0].code[1:3]}000")
    rest = sorted(
        (code for code in all_codes() if code not in (NATION, *first)),
        key=lambda code: _order(location(code)),
    )
    return {code: label(location(code)) for code in (*first, *rest)}


def label(place: Location) -> str:
    """Return what a place is called in a list of all of them."""
    area = place.code[1:3]
    if place.code.endswith("000") and area in (STATES | WATERS):
        return f"All of {place.name} ({place.code})"
    if area in WATERS:
        return f"{place.name} ({place.code})"
    where = STATES[area][1] if area in STATES else place.state
    return f"{place.name}, {where} ({place.code})"


def _order(place: Location) -> tuple[bool, str, bool, str]:
    """States by their names and each before its counties, then the waters."""
    area = place.code[1:3]
    name = STATES[area][1] if area in STATES else WATERS.get(area, ("", area))[1]
    return area not in STATES, name, not place.code.endswith("000"), place.name
