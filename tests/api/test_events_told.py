"""That docs/api.md names every event that the desk records."""

import re

from django.conf import settings

RECORDED = re.compile(r'record\w*\(\s*"([a-z]+\.[a-z_]+)"')
APPS = ("accounts", "messaging", "settings_app", "tickets", "tokens")


def test_the_events_that_integrators_hear_are_in_the_documentation():
    sources = [path.read_text() for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py")]
    recorded = {name for source in sources for name in RECORDED.findall(source)}
    told = (settings.BASE_DIR / "docs" / "api.md").read_text()
    assert len(recorded) > 50
    assert not {name for name in recorded if f"`{name}`" not in told}
