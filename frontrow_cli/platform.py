"""Platform: ``status``. Whoever wants to know whether Frontrow is well enters here."""

from frontrow_cli import showing
from frontrow_cli.exits import Exit
from frontrow_cli.visit import Visit
from frontrow_cli.words import Words


def status(visit: Visit) -> Exit:
    """Say whether bookings can be accepted, decided and shown, and what is missing."""
    health = visit.client.health()
    visit.show_said()
    visit.printer.show(showing.health_table(health))
    if health.status == "ok":
        visit.printer.words(Words(f"Frontrow at {visit.settings.url} is well."), "green")
        return Exit.OK
    missing = ", ".join(name for name, check in health.checks.items() if check.status != "ok")
    visit.printer.words(
        Words(f"Frontrow at {visit.settings.url} is not well: {missing}.", "More: ./start-services.sh status")
    )
    return Exit.UNAVAILABLE
