"""``python -m audit restore-check``: after a ledger was restored from a backup, whether the log has what it lacks.

Run it before the worker is started, or at any time: it reads, and touches nothing. Exit status 0 when everything that
is missing will be decided again, 1 when something is lost or the worker will refuse to go on, 2 when a store is away.
"""

import sys

from psycopg import Error
from pymongo.errors import PyMongoError

from audit.load_log import LogAwayError, LogReader
from audit.load_view import ViewReader, Watermark
from audit.log_position import Connection, Standing, ledger, standing
from audit.settings import CheckSettings
from audit.tail import former_log, losses
from runtime.settings import load

OK = 0
LOST = 1
CANNOT_CHECK = 2

REMEDY = (
    "Do not start the worker. Bring back the log that this ledger decided, or a later backup. If neither can be had, "
    "give the log up: delete the topic and start; what the ledger has stays, and the rest is lost."
)

_HAS_ROW = "SELECT EXISTS (SELECT FROM outcomes WHERE tx = %s::text::xid8 AND id = %s)"


def judge(at: Standing) -> tuple[bool, list[str]]:
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
    position = shown.cursor
    if not shown.incarnation or not position.tx:
        return "The view is empty: sync_service makes it by itself."
    row = connection.execute(_HAS_ROW, position).fetchone()
    if shown.incarnation != incarnation or not (row and row[0]):
        return (
            "The view has seen what this ledger does not have. Reads go on with it, and nothing new is shown. Once the "
            "worker has decided, run: ./start-services.sh rebuild"
        )
    return "The view is of this ledger, as far as it goes."


def main() -> int:
    """Run the check; returns the process' exit status."""
    settings = load(CheckSettings)
    try:
        with ledger(settings) as connection:
            at = standing(connection, LogReader(settings.kafka_bootstrap, settings.topic))
            whole, said = judge(at)
            password = settings.mongo_password.get_secret_value()
            with ViewReader(settings.mongo_url, settings.mongo_database, settings.mongo_user, password) as view:
                said.append(view_sentence(connection, at.incarnation, view.watermark()))
    except (LogAwayError, Error, PyMongoError, OSError) as error:
        print(f"cannot check: {type(error).__name__}: {error}", file=sys.stderr)
        print("PostgreSQL, Kafka and MongoDB must run for this; the services need not.", file=sys.stderr)
        return CANNOT_CHECK
    print("\n".join(said))
    print("Nothing is lost." if whole else "SOMETHING IS LOST, or the worker will not go on: see above.")
    return OK if whole else LOST
