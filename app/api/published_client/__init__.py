"""The published mobile client, unmodified: its aliases and translations, apart from the API's own resources.

``docs/published-client.md`` has the table of them.
"""

from app.api.published_client import analysis_status, calendar, events, health, teams_by_name, updates

ROUTERS = (
    health.router,
    analysis_status.router,
    teams_by_name.router,
    updates.router,
    events.router,
    calendar.router,
)
"""To be included before the API's own routes: some of its paths would otherwise be taken for ids."""
