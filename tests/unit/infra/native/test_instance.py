"""An instance: what it refuses before it touches anything."""

from pathlib import Path

import pytest

from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.instance import STORES, Instance


def test_nothing_starts_on_a_ledger_whose_restore_did_not_come_to_its_end(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.data.mkdir()
    home.restoring.touch()
    instance = Instance.from_environment({"FRONTROW_HOME": str(tmp_path)})
    for parts in (None, STORES, ("postgres",)):
        with pytest.raises(CannotStartError, match="did not come to its end"):
            instance.start(*([parts] if parts else []))
    assert list(tmp_path.rglob("*")) == [home.data, home.restoring]
