"""Many alerts on the card, as no transmitter sends them within a minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import expect

from script.browser import WALL, Browser
from script.dashboards import make_dashboard, ours
from tests.browser.conftest import House

SHOW = """([snapshot, entries]) => {
  const real = document.querySelector("home-assistant").hass;
  const connection = {
    connected: true,
    addEventListener() {},
    removeEventListener() {},
    subscribeMessage: async (take) => { window.tell = take; take(snapshot); return async () => {}; },
    sendMessagePromise: async () => ({entries, next: null}),
  };
  const card = document.createElement("eas-station-card");
  card.setConfig({type: "custom:eas-station-card"});
  card.hass = {...real, connection};
  document.body.prepend(card);
}"""
NOW = datetime.now(UTC)
POLYGON = [[[-82.0, 41.3], [-81.6, 41.3], [-81.6, 41.6], [-82.0, 41.3]]]


def alert(code: str, event: str, significance: str, **more: Any) -> dict[str, Any]:
    """Return an alert for Cuyahoga County that lives for an hour."""
    place = {"code": "039035", "name": "Cuyahoga County", "state": "OH", "part": 0}
    heard, expires = NOW.isoformat(), (NOW + timedelta(hours=1)).isoformat()
    return {
        "id": code,
        "event_code": code,
        "event": event,
        "significance": significance,
        "locations": [place],
        "issued": heard,
        "received": heard,
        "expires": expires,
        "relevant": True,
        "test": False,
        "self_test": False,
        "message": f"There is a {event}.",
        "active": True,
        **more,
    }


def snapshot(*active: dict[str, Any]) -> dict[str, Any]:
    """Return what a station that hears tells first."""
    status = {"state": "hearing", "since": NOW.isoformat(), "reason": None}
    return {
        "type": "snapshot",
        "entry_id": "drawn",
        "station": "Drawn",
        "radio": False,
        "home": {"latitude": 41.48, "longitude": -81.67, "county": None},
        "status": {**status, "hint": None},
        "channels": [],
        "active": [*active],
        "weekly_test": (NOW - timedelta(days=9)).isoformat(),
        "weekly_test_overdue": True,
        "can_admin": False,
    }


async def test_many_alerts_are_in_the_order_of_their_danger_with_what_is_known_of_them(
    house: House, browser: Browser
) -> None:
    heard = snapshot(
        alert("RWT", "Required Weekly Test", "test", test=True),
        alert("WIY", "Wind Advisory", "advisory"),
        alert("SVR", "Severe Thunderstorm Warning", "warning"),
        alert("TOA", "Tornado Watch", "watch"),
        alert("EAN", "National Emergency Message", "national", relevant=False),
        alert("XYZ", "Unknown Event", "unknown"),
        alert("TOR", "Tornado Warning", "warning"),
    )
    nws = {"headline": "<b>Take cover now</b>", "description": "", "polygon": POLYGON}
    known = [{"id": "TOR", "nws": nws, "transcript": "This is a test of ours."}]
    path = await make_dashboard(house.hass, "card-drawn")
    async with browser.tab(house.hass, WALL) as tab:
        await tab.go(path)
        await tab.page.evaluate(
            "() => customElements.whenDefined('eas-station-card').then(() => {})"
        )
        await tab.page.evaluate(SHOW, [heard, known])
        card = tab.page.locator("eas-station-card")
        names = card.locator(".alert h3")
        await expect(names).to_have_text(
            [
                "Tornado Warning",
                "Severe Thunderstorm Warning",
                "Unknown Event",
                "Tornado Watch",
                "Wind Advisory",
                "National Emergency Message",
                "Required Weekly Test",
            ]
        )
        await expect(card.locator(".minor .badge")).to_have_text(["Elsewhere", "Test"])
        await expect(card.locator(".others").last).to_contain_text("overdue")

        lead = card.locator(".lead")
        await lead.get_by_text("Details").click()
        # What comes off the air, or from elsewhere, is text and nothing else.
        await expect(lead.locator("dd").first).to_have_text("<b>Take cover now</b>")
        await expect(lead.locator("dl")).to_contain_text("This is a test of ours.")
        await expect(card.locator("path.storm")).to_have_count(1)

        late = alert("EWW", "Extreme Wind Warning", "warning")
        late["expires"] = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
        await tab.page.evaluate(
            "event => tell(event)", {"type": "alert", "alert": late}
        )
        await expect(names.nth(1)).to_have_text("Extreme Wind Warning")
        await expect(names.nth(1)).to_have_text("Severe Thunderstorm Warning")
        assert ours(tab) == []
