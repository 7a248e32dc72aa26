"""The best seats: what a score says is checked against a rule that tries everything, on small halls of every kind."""

import random
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.seat_status import AVAILABLE, BOOKED
from tests.unit.worker.seatings import (
    Hall,
    Place,
    block_of,
    blocks_together,
    chains,
    full_hall,
    halls,
    longest_two,
    orphans_by,
    rows_of,
    wishes,
)
from worker.best_seats import Choice, Wish, choose, equivalent
from worker.seating import Block, Focus, Seating

unhurried = settings(deadline=None)
"""How quick a choice is is no test's business: the machine may have other things to do."""


def take(seating: Seating, choice: Choice) -> None:
    for block, position in choice.places:
        seating.mark(block, position, free=False)


def seats(seating: Seating, count: int) -> list[str]:
    choice = choose(seating, Wish(count))
    assert choice is not None
    take(seating, choice)
    return list(choice.seat_ids)


@unhurried
@given(halls(), wishes)
def test_seats_together_are_the_best_of_all_that_there_are(hall: Hall, wish: Wish) -> None:
    best = min(blocks_together(rows_of(hall), wish, hall.focus.row, 2 * hall.focus.offset), default=None)
    choice = choose(hall.seating(), wish)
    together = choice is not None and choice.score is not None and choice.score.parts == 1
    assert together == (best is not None)
    if best is not None:
        assert choice is not None
        assert choice.score is not None
        assert best == (choice.score.orphans, choice.score.spent, choice.score.distance, choice.places)


@unhurried
@given(halls(), wishes)
def test_no_seat_is_orphaned_where_another_choice_exists(hall: Hall, wish: Wish) -> None:
    choice = choose(hall.seating(), wish)
    if choice is None or choice.score is None or choice.score.parts > 1:
        return
    avoidable = any(not orphans for orphans, *_ in blocks_together(rows_of(hall), wish, 0, 0))
    assert not (avoidable and choice.score.orphans)


@unhurried
@given(halls(), wishes)
def test_only_free_seats_that_fit_the_wish_are_chosen_and_each_once(hall: Hall, wish: Wish) -> None:
    choice = choose(hall.seating(), wish)
    if choice is None:
        return
    blocks = {block.block: block for block in hall.blocks}
    assert len(set(choice.places)) == len(choice.places) == wish.count
    assert list(choice.places) == sorted(choice.places)
    for (number, position), seat_id in zip(choice.places, choice.seat_ids, strict=True):
        block = blocks[number]
        assert block.status[position] == AVAILABLE
        assert [seat for row in block.rows for seat in row][position] == seat_id
        assert wish.section in (None, block.section)
        assert wish.max_price is None or (block.price_minor or 0) <= wish.max_price
        assert seat_id in block.accessible or not wish.accessible


@unhurried
@given(halls(), wishes)
def test_a_wish_is_refused_only_where_no_adjacent_rows_have_enough_seats(hall: Hall, wish: Wish) -> None:
    enough = any(count >= wish.count for count in chains(rows_of(hall), wish))
    assert (choose(hall.seating(), wish) is not None) == enough


@unhurried
@given(halls(), wishes)
def test_a_split_has_two_parts_wherever_two_are_enough(hall: Hall, wish: Wish) -> None:
    choice = choose(hall.seating(), wish)
    if choice is not None and choice.score is not None and choice.score.parts > 1:
        assert (choice.score.parts == 2) == (longest_two(rows_of(hall), wish) >= wish.count)


@unhurried
@given(halls(), wishes)
def test_a_split_stays_in_adjacent_rows_of_one_section_and_counts_its_orphans(hall: Hall, wish: Wish) -> None:
    choice = choose(hall.seating(), wish)
    if choice is None or choice.score is None:
        return
    rows = rows_of(hall)
    touched = sorted({piece.row for piece in choice.score.pieces})
    assert touched == list(range(touched[0], touched[-1] + 1))
    assert len({rows[row].zone for row in touched}) == 1
    orphans = 0
    for row, pieces in groupby(choice.score.pieces, key=lambda piece: piece.row):
        orphans += orphans_by(
            rows[row], {seat for piece in pieces for seat in range(piece.start, piece.start + piece.size)}
        )
    assert choice.score.orphans == orphans
    assert choice.score.parts == len(choice.score.pieces)


@unhurried
@given(halls(), st.lists(st.tuples(wishes, st.booleans()), max_size=12), st.randoms(use_true_random=False))
def test_a_marked_seating_answers_like_one_built_anew(
    hall: Hall, steps: list[tuple[Wish, bool]], dice: random.Random
) -> None:
    seating = hall.seating()
    taken: dict[Place, str] = {}
    for wish, give_back in steps:
        choice = choose(seating, wish)
        assert choice == choose(hall.with_status(taken).seating(), wish)
        if choice is not None:
            take(seating, choice)
            taken.update(dict.fromkeys(choice.places, BOOKED))
        if give_back and taken:
            place = dice.choice(sorted(taken))
            seating.mark(*place, free=True)
            seating.mark(*place, free=True)
            taken[place] = AVAILABLE


@unhurried
@given(halls(), st.data())
def test_an_equivalent_is_the_nearest_block_that_costs_no_more(hall: Hall, data: st.DataObject) -> None:
    rows = rows_of(hall)
    row = data.draw(st.sampled_from(rows))
    start = data.draw(st.integers(0, len(row.places) - 1))
    asked = row.places[start : data.draw(st.integers(start + 1, len(row.places)))]
    wish = Wish(len(asked), None, row.price, all(row.accessible[start : start + len(asked)]))
    x = 2 * start + len(asked) - len(row.places)
    best = min(blocks_together(rows, wish, row.depth, x), default=None)
    offer = equivalent(hall.seating(), asked)
    assert (offer is None) == (best is None)
    if offer is not None and best is not None:
        assert offer.score is not None
        assert (offer.score.orphans, offer.score.spent, offer.score.distance, offer.places) == best


@pytest.mark.parametrize(("rows", "width"), [(25, 40), (20, 50), (40, 25)])
@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_wishes_sell_a_thousand_seats_but_the_last_single_one(rows: int, width: int, seed: int) -> None:
    hall = full_hall(rows, width)
    seating = hall.seating()
    dice = random.Random(seed)
    sold: dict[Place, str] = {}
    refused: set[tuple[Wish, int]] = set()
    """With how many seats sold; asking again does not change the answer, so each is checked once."""
    for _ in range(1000):
        wish = Wish(dice.randint(2, 6))
        choice = choose(seating, wish)
        if choice is None:
            if (wish, len(sold)) not in refused:
                assert max(chains(rows_of(hall.with_status(sold)), wish), default=0) < wish.count
            refused.add((wish, len(sold)))
            continue
        assert not set(choice.places) & set(sold)
        sold.update(dict.fromkeys(choice.places, BOOKED))
        take(seating, choice)
    assert len(sold) >= 999


def test_the_first_sit_in_the_middle_of_the_front_and_the_next_beside_them() -> None:
    seating = full_hall(3, 10).seating()
    assert seats(seating, 2) == ["0-0-4", "0-0-5"]
    assert seats(seating, 2) == ["0-0-2", "0-0-3"]
    assert seats(seating, 2) == ["0-0-6", "0-0-7"]
    assert seats(seating, 4) == ["0-1-3", "0-1-4", "0-1-5", "0-1-6"]


def test_the_event_says_where_its_best_seats_are() -> None:
    assert seats(Seating(full_hall(9, 10).blocks, Focus(row=6, offset=2)), 2) == ["0-6-6", "0-6-7"]


def test_a_seat_is_orphaned_only_when_nothing_else_is_together() -> None:
    seating = Hall((block_of([4, 5], "aaaaaaaab"),)).seating()
    assert seats(seating, 3) == ["0-0-0", "0-0-1", "0-0-2"]
    seating = Hall((block_of([4, 5], "aaaaaaaaa"),)).seating()
    assert seats(seating, 3) == ["0-1-0", "0-1-1", "0-1-2"]


def test_a_party_that_fits_nowhere_is_split_over_rows_one_behind_the_other() -> None:
    seating = Hall((block_of([3, 3, 3, 3], "aab" + "bbb" + "baa" + "aab"),)).seating()
    assert seats(seating, 4) == ["0-2-1", "0-2-2", "0-3-0", "0-3-1"]
    assert choose(seating, Wish(3)) is None


def test_the_last_part_of_a_split_is_no_longer_than_needed() -> None:
    seating = full_hall(3, 3).seating()
    choice = choose(seating, Wish(7))
    assert choice is not None
    assert choice.seat_ids == ("0-0-0", "0-0-1", "0-0-2", "0-1-0", "0-1-1", "0-1-2", "0-2-0")
    assert choice.score is not None
    # It began in the middle row: three in front of it and one, two half seats aside, behind it.
    assert choice.score.spread == 3 * 16 + 1 * (16 + 4)


@pytest.mark.parametrize("row", range(3))
def test_a_split_is_given_up_when_the_row_farthest_from_its_beginning_changes(row: int) -> None:
    seating = full_hall(5, 1).seating()
    choice = choose(seating, Wish(3))
    assert choice is not None
    assert choice.places == ((0, 0), (0, 1), (0, 2))
    seating.mark(0, row, free=False)
    seating.mark(0, 4, free=False)
    left = choose(seating, Wish(3))
    assert (left.places if left else None) == (((0, 1), (0, 2), (0, 3)) if row == 0 else None)


def test_accessible_seats_are_kept_for_those_who_ask_until_nothing_else_is_left() -> None:
    block = block_of([4, 4], "aaaaaaaa")._replace(accessible=frozenset({"0-0-0", "0-0-1", "0-0-2", "0-0-3"}))
    seating = Seating([block])
    assert seats(seating, 4) == ["0-1-0", "0-1-1", "0-1-2", "0-1-3"]
    wheelchair = choose(seating, Wish(2, accessible=True))
    assert wheelchair is not None
    assert wheelchair.seat_ids == ("0-0-0", "0-0-1")
    assert seats(seating, 4) == ["0-0-0", "0-0-1", "0-0-2", "0-0-3"]


def standing(number: int, status: str) -> Block:
    row = [f"floor~{number}{place}" for place in range(len(status))]
    return Block(number, "floor", [row], status, general_admission=True)


def test_places_without_numbers_are_taken_from_the_first_free_one_on() -> None:
    seating = Seating([standing(1, "baba"), standing(2, "aa")])
    assert seats(seating, 3) == ["floor~11", "floor~13", "floor~20"]
    assert choose(seating, Wish(2)) is None


def test_rows_are_counted_from_the_first_one_with_numbers() -> None:
    seating = Seating([standing(0, "a"), block_of([3, 3, 3], "aaaaaaaaa", number=1)], Focus(row=1))
    assert seats(seating, 3) == ["1-1-0", "1-1-1", "1-1-2"]


def test_who_does_not_name_a_standing_section_gets_a_seat_or_nothing() -> None:
    seating = Seating([standing(0, "aaaa"), block_of([2], "ab", number=1)])
    assert seats(seating, 1) == ["1-0-0"]
    assert choose(seating, Wish(1)) is None
    floor = choose(seating, Wish(2, section="floor"))
    assert floor is not None
    assert floor.seat_ids == ("floor~00", "floor~01")
    assert equivalent(seating, floor.places) is None
