"""``python -m audit restore-check``: after a ledger was restored from a backup, whether the log has what it lacks.

Run it before the worker is started, or at any time: it reads, and touches nothing. Exit status 0 when everything that
is missing will be decided again, 1 when something is lost or the worker will refuse to go on; a store away is raised.
"""

from audit.load_ledger import Connection, has_row
from audit.load_log import LogReader
from audit.load_view import ViewReader, Watermark
from audit.log_position import Positions, ledger, positions
from audit.settings import CheckSettings
from audit.tail import former_log, losses
from runtime.settings import load

OK = 0
LOST = 1

REMEDY = (
    "Do not start the worker. Bring back the log that this ledger decided, or a later backup. If neither can be had, "
    "give the log up: delete the topic and start; what the ledger has stays, and the rest is lost."
)


def judge(at: Positions) -> tuple[bool, list[str]]:
    """Return whether nothing is lost, and what there is to say."""
    begun = any(place.next_offset for place in at.places.values())
    whole, said = True, list[str]()
    if not begun or (at.restored is not None and at.restored.topic_id != at.topic_id):
        whole, said = former_log(at.topic_id, at.restored, at.decided)
    if lost := losses(at.places, at.kept):
        return False, [*said, *lost, REMEDY]
    if begun:
        said.append(f"The log has every message that this ledger has not decided ({at.topic_id}).")
    return whole, [*said, *at.tail.sentences]


def view_sentence(connection: Connection, incarnation: str, shown: Watermark) -> str:
    """Say what is to be done about the view."""
    if not shown.incarnation or not shown.cursor.tx:
        return "The view is empty: sync_service makes it by itself."
    if shown.incarnation != incarnation or not has_row(connection, shown.cursor, shown.outcome):
        return (
            "The view has seen what this ledger does not have. Reads go on with it, and nothing new is shown. Once the "
            "worker has decided, run: ./start-services.sh rebuild"
        )
    return "The view is of this ledger, as far as it goes."


def main() -> int:
    """Run the check; returns the process' exit status."""
    settings = load(CheckSettings)
    with ledger(settings) as connection:
        at = positions(connection, LogReader(settings.kafka_bootstrap, settings.topic))
        whole, said = judge(at)
        with ViewReader(settings) as view:
            said.append(view_sentence(connection, at.incarnation, view.watermark()))
    print("\n".join(said))
    print("Nothing is lost." if whole else "SOMETHING IS LOST, or the worker will not go on: see above.")
    return OK if whole else LOST
