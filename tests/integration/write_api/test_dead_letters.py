"""The command that replays dead letters, while the store where they are kept is away."""

import subprocess
import sys
from pathlib import Path

from infra.native.services import inherited
from tests.integration.conftest import PARTITIONS, Topic
from tests.integration.write_api.process import CHECKOUT, environment


def test_who_replays_while_postgresql_is_away_is_told_which_letters_were_left_alone(
    topic: Topic, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "write_api.dead_letters", "1-0-1", "1-0-2", "--apply"],
        env={**inherited(), **environment(tmp_path, topic.bootstrap, topic.name, PARTITIONS)},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "1-0-" not in done.stdout, "no letter is named, so that none was looked at"
    assert "letters that are not named above were not looked at, and nothing was done with them" in done.stderr
