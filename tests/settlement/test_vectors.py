"""Every published and confirmed example comes out exactly; no known mistake does."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.settlement.quoting import Json, bet, leg, quoted

FOLDER = Path(__file__).with_name("vectors")
ANSWERED = ("exact", "returns", "returns_down", "lines", "total_stake")


def vectors(*names: str) -> list[Json]:
    return [
        vector for name in names for vector in json.loads((FOLDER / f"{name}.json").read_text())
    ]


EXAMPLES = vectors("published", "generated", "fuzz", "each_way_equally_divided")


@pytest.mark.parametrize("vector", EXAMPLES, ids=lambda vector: str(vector["name"]))
def test_an_example_is_answered_exactly(vector: Json) -> None:
    expected = {name: Fraction(vector[name]) for name in ANSWERED if name in vector}

    found = quoted(vector)

    assert {name: Fraction(found[name]) for name in expected} == expected


def bet_builder(asked: Json) -> Json:
    price = f"{asked['stored_payout']}/{asked['stake']}"
    parts = [
        leg(price, result, part_price=part_price, group="builder")
        for part_price, result in asked["legs"]
    ]
    return bet("single", *parts, rules={"bet_builder_void": asked["rule"]})


def free_bet(asked: Json) -> Json:
    return bet("single", leg(asked["price"]), free_bet=True)


def price_precision(asked: Json) -> Json:
    return bet("single", leg(asked["price"]))


def dead_heat_method(asked: Json) -> Json:
    ours = {"profit_divided": "profit", "odds_divided_floor_1": "odds_floor_1"}
    rules = {"dead_heat_method": ours[asked["method"]]}
    return bet("single", leg(asked["price"], dead_heat=f"1/{asked['n']}"), rules=rules)


WRITTEN: Any = {
    "bet_builder": bet_builder,
    "free_bet": free_bet,
    "price_precision": price_precision,
    "dead_heat_method": dead_heat_method,
}
OTHER_KINDS = [vector for vector in vectors("other_kinds") if vector["kind"] in WRITTEN]


@pytest.mark.parametrize("vector", OTHER_KINDS, ids=lambda vector: str(vector["name"]))
def test_another_kind_of_bet_is_answered(vector: Json) -> None:
    asked = WRITTEN[vector["kind"]](vector["input"]) | {"stake": vector["input"]["stake"]}

    assert Decimal(quoted(asked)["returns"]) == Decimal(vector["returns"])


def test_the_other_kinds_are_there() -> None:
    assert len(EXAMPLES) == 255
    assert len(OTHER_KINDS) == 12


# Bets that only the list of mistakes names, written out from their names and exact returns.
DESCRIBED = {
    "single half lose": bet("single", leg("1.90", "half_lose")),
    "single half win odd price": bet("single", leg("2.07", "half_win"), stake="7.77"),
    "treble half win + half lose": bet(
        "treble", leg("1.90", "half_win"), leg("2.00", "half_lose"), leg("1.80")
    ),
    "fourfold all half win": bet(
        "accumulator", *[leg(price, "half_win") for price in ("2.2", "2.04", "1.8", "1.9")]
    ),
    "trixie hwx": bet("trixie", leg("2", "half_win"), leg("3"), leg("4", "half_lose"), stake="1"),
    "yankee wwhx": bet(
        "yankee", leg("2"), leg("3"), leg("4", "half_win"), leg("5", "half_lose"), stake="1"
    ),
    "3-ball 5.00 three tie (page used 0.33)": bet("single", leg("5", dead_heat="1/3"), stake="100"),
    "5/1 three-way dead heat (page rounds stake to 3.34)": bet("single", leg("6", dead_heat="1/3")),
    "EW golf +1800 1/4 placed": bet(
        "single", leg("19", "place", place_fraction="1/4"), stake="5", each_way=True
    ),
    "rule4 5p at 4.0 (page deducts from the STAKE)": bet("single", leg("4", rule4=5)),
}
NAMED = {vector["name"]: vector for vector in EXAMPLES}


@pytest.mark.parametrize("mistake", vectors("disagreements"), ids=lambda it: str(it["name"]))
def test_a_known_mistake_is_not_repeated(mistake: Json) -> None:
    asked = NAMED.get(mistake["name"]) or DESCRIBED[mistake["name"]]

    found = quoted(asked)

    assert (found["exact"], found["returns"]) == (mistake["exact"], mistake["returns"])
    assert Decimal(found["returns"]) != Decimal(mistake["oracle_returns"])
