"""The story of a world: the same for everybody, and with everything in it."""

import json
from collections import Counter

import pytest

from feeds.lsports.sandbox import Layout, Options, Sandbox, World
from feeds.lsports.sandbox.lives import LIVES
from feeds.lsports.sandbox.offers import Fate
from feeds.lsports.sandbox.options import Format, InPlay
from feeds.lsports.sandbox.world import End, Happening
from tests.feeds.lsports.sandbox.clients import Reader, snapshot

WORLD = World(fixtures=400)
SETTLES = (35, 42, 43)


def bets(one: Happening) -> list[tuple[str, str, dict[str, object]]]:
    """Return fixture, market and words of each bet of a message in JSON."""
    body = json.loads(one.body)["Body"]
    while "Events" not in body:
        body = body.get("Competition") or body["Competitions"][0]
    return [
        (str(event["FixtureId"]), str(market["Id"]), bet)
        for event in body["Events"]
        for market in event["Markets"] or ()
        for bet in market["Bets"] or ()
    ]


def test_a_world_is_the_same_for_everybody() -> None:
    again = World(fixtures=400)

    assert again.cast == WORLD.cast
    assert again.happenings == WORLD.happenings
    assert World(fixtures=10).cast == WORLD.cast[:10]
    assert World(fixtures=10, seed=2).cast != WORLD.cast[:10]


def test_a_short_world_ends_like_a_long_one() -> None:
    short = World(fixtures=400, span=1).ends

    assert short.keys() == WORLD.ends.keys()
    assert all((one.status, one.settlement) == (WORLD.ends[ref].status, WORLD.ends[ref].settlement)
               for ref, one in short.items())  # fmt: skip


def test_what_is_told_is_in_order_and_within_the_span() -> None:
    moments = [one.told_at - WORLD.start for one in WORLD.happenings]

    assert moments == sorted(moments)
    assert moments[0] >= 0
    assert moments[-1] < 1.1 * WORLD.span * 1000


def test_every_kind_of_message_life_and_fate_occurs() -> None:
    kinds = Counter(one.message.kind for one in WORLD.messages if one.message)
    codes = {end.code for end in World(fixtures=2000).ends.values()}

    assert set(kinds) == {1, 2, 3, 35, 42, 43}
    assert codes == {-1, 1, 2, 3, 4, 5, 9}
    assert {one.fate for one in WORLD.cast} == set(Fate)
    assert len(LIVES) == 20


def test_what_is_true_in_the_end_is_what_was_told_last_by_each_bet_s_time() -> None:
    found: dict[tuple[str, str, str], tuple[str, int, object]] = {}
    for one in WORLD.messages:
        if one.message is None or one.message.kind not in SETTLES:
            continue
        for fixture, market, bet in bets(one):
            if not isinstance(bet["Id"], int) or "about" in str(bet["LastUpdate"]):
                continue
            ref = (fixture, market, str(bet["Id"]))
            said = (str(bet["LastUpdate"]), int(str(bet["Status"])), bet.get("Settlement"))
            found[ref] = max(found.get(ref, ("", 0, None)), said, key=lambda each: each[0])

    assert found.keys() == WORLD.ends.keys()
    assert all(WORLD.ends[ref].status == said[1] for ref, said in found.items())
    settled = {ref: said[2] for ref, said in found.items() if said[2] in (1, 2, 3, 4, 5)}
    assert all(WORLD.ends[ref].settlement == code for ref, code in settled.items())


def test_no_bet_has_two_words_at_one_time() -> None:
    seen: dict[tuple[str, str, str, str], tuple[object, object]] = {}
    for one in WORLD.messages:
        if one.message is None or one.message.kind not in SETTLES:
            continue
        for fixture, market, bet in bets(one):
            if "about" in str(bet["LastUpdate"]):
                continue
            key = (fixture, market, str(bet["Id"]), str(bet["LastUpdate"]))
            said = (bet["Status"], bet.get("Settlement"))
            assert seen.setdefault(key, said) == said


@pytest.mark.parametrize("fate", [Fate.CANCELLED, Fate.ABANDONED, Fate.FORGOTTEN])
def test_a_fixture_that_is_not_played_is_never_settled(fate: Fate) -> None:
    refs = {one.ref for one in WORLD.cast if one.fate is fate}

    assert refs
    assert not refs & {fixture for fixture, _, _ in WORLD.ends}


def test_a_forgotten_fixture_leaves_the_list_without_a_word() -> None:
    refs = {one.ref for one in WORLD.cast if one.fate is Fate.FORGOTTEN and "inplay" in (
        one.package, one.other)}  # fmt: skip
    left = {one.fixture for one in WORLD.happenings if one.followed is False}
    over = {
        event.fixture
        for one in WORLD.messages if one.message
        for event in one.message.events if event.status in (3, 4, 7)
    }  # fmt: skip

    assert refs <= left
    assert not refs & over


def test_a_world_that_is_played_is_the_one_that_is_computed() -> None:
    with Sandbox(options=Options(cut_off=10**6)) as sandbox:
        world = World(fixtures=100, options=sandbox.options)
        playing = sandbox.play(world, pace=None)
        assert playing.join(20)

        for package, queue in (("inplay", "_430_"), ("prematch", "_431_")):
            told = [one.body for one in Reader(sandbox, queue).take(most=10**5) if one.kind < 31
                    or one.kind > 32]  # fmt: skip
            assert told == [one.body for one in world.messages if one.package == package]


def test_the_snapshots_of_both_packages_show_the_end() -> None:
    with Sandbox(options=Options(cut_off=10**6)) as sandbox:
        world = World(fixtures=100, options=sandbox.options, start=sandbox.now())
        assert sandbox.play(world, pace=None).join(20)
        found: dict[tuple[str, str, str], tuple[str, int]] = {}
        for package in sandbox.vendor.packages.values():
            for held in package.shelf.fixtures.values():
                for market, known in held.markets.items():
                    for bet in known.values():
                        ref = (held.fixture, market, bet.id)
                        said = (f"{bet.updated:015}", bet.status)
                        found[ref] = max(found.get(ref, ("", 0)), said)

        assert {ref: found[ref][1] for ref in world.ends} == {
            ref: end.status for ref, end in world.ends.items()
        }
        assert snapshot(sandbox).json()["Body"]


def test_a_world_can_be_told_in_xml() -> None:
    layout = Layout(format=Format.XML, attributes=False)
    world = World(fixtures=20, options=Options(inplay=InPlay(layout=layout)))
    begins = {one.package: one.body[:8] for one in world.messages}

    assert begins == {"inplay": b"<Header>", "prematch": b'{"Header'}
    assert {ref: end.settlement for ref, end in world.ends.items()} == {
        ref: end.settlement for ref, end in World(fixtures=20).ends.items()
    }


def test_a_world_can_be_told_in_every_layout_at_once() -> None:
    world = World(fixtures=400, mixed=True)
    begins = {one.body[:9] for one in world.messages}

    assert begins == {b'{"Header"', b'{"Message', b'[{"Header', b'{"header"', b"<Message>",
                      b"<Header><"}  # fmt: skip
    assert world.ends == WORLD.ends


def test_an_end_says_what_still_counts() -> None:
    assert End(3, None, 1, -1).settlement is None
    taken_back = [one for one in WORLD.ends.values() if one.code == -1]
    opened = [one for one in WORLD.ends.values() if one.status == 1 and one.settlement]

    assert taken_back
    assert opened
    assert {one.settlement for one in taken_back} == {None}
