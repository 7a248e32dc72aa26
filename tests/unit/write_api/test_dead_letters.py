"""The command that lists and replays dead letters, as far as it says something without any store."""

import pytest

from write_api import dead_letters


def test_the_help_ends_its_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dead_letters.main(["--help"])
    description = capsys.readouterr().out.split("\n\n")[1]
    assert " ".join(description.split()).endswith("put them on the log again.")
