"""What the view is asked for beside its pages."""

from contracts import views
from read_api.view import View
from tests.integration.read_api.conftest import Shown


async def test_the_accounts_that_are_called_so_are_the_first_ones_by_name(shown: Shown) -> None:
    names = ("anna-3", "anna-1", "bert", "ann", "anna-2")
    people = [{"_id": f"ac_{name}", "user_id": name, "version": 1} for name in names]
    await shown.mongo.insert_new(views.PEOPLE, people)
    assert await View(shown.mongo).principals_called("anna", 2) == ["ac_anna-1", "ac_anna-2"]
