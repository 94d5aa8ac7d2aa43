"""Random bets in the shape of the vectors, for the product and its oracle alike.

Nearly all the time of a property goes into drawing, not into what is tested: whatever can be drawn
at once is one number, and no strategy is made while another one draws.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from math import prod
from typing import Any

from hypothesis import strategies as st

from settlement.rules.exact import ratio_text
from tests.settlement import oracle
from tests.settlement.quoting import Json

FULL_COVER = {
    "trixie": 3,
    "patent": 3,
    "yankee": 4,
    "lucky15": 4,
    "canadian": 5,
    "lucky31": 5,
    "heinz": 6,
    "lucky63": 6,
    "superheinz": 7,
    "lucky127": 7,
    "goliath": 8,
    "lucky255": 8,
}
ONE_LINE = {"single": 1, "double": 2, "treble": 3}
TIES = [None, None, "1/2", "1/3", "2/3", "3/4", "1"]
RESULTS = ["win", "win", "win", "win", "lose", "void"]
DECIMAL_PRICES = [f"{cents // 100}.{cents % 100:02d}" for cents in range(100, 5001)]
RATIO_PRICES = sorted({Fraction(n, d) for d in range(1, 13) for n in range(d, 34 * d + 1)})
PRICES = st.sampled_from([*DECIMAL_PRICES, *map(str, RATIO_PRICES * 3)])
STAKES = st.sampled_from(["0.10", "1", "2.50", "3.33", "100"])
RULE4 = [0, 0, 0, 3, 5, "10", 25, [2, 3], [40, 60], ["12.5", 5]]
PLACE_FRACTIONS = [None, "1/5", "1/4", "1/3", "1"]
KINDS = st.sampled_from([*ONE_LINE, "accumulator", *FULL_COVER, *["system"] * 6])
BANKERS = st.sampled_from([0, 0, 1, 2])
FOLDS = [
    st.sampled_from([",".join(map(str, chosen)) for size in range(1, 5)
                     for chosen in combinations(range(1, number + 1), size)])
    for number in range(1, 8)
]  # fmt: skip


def one_of_each(choices: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[Json]:
    """One of each list's values, all by one number; 0 is the first of each."""
    most = prod(map(len, choices.values())) - 1
    return st.integers(0, most).map(partial(chosen_by, choices))


def chosen_by(choices: Mapping[str, Sequence[Any]], number: int) -> Json:
    """Return what a number stands for."""
    found = {}
    for name, values in choices.items():
        number, place = divmod(number, len(values))
        found[name] = values[place]
    return found


ENDS = one_of_each(
    {"rule4": RULE4, "dead_heat": TIES, "result": [*RESULTS, "half_win", "half_lose"]}
)
PLACED_ENDS = one_of_each(
    {
        "rule4": RULE4,
        "dead_heat": TIES,
        "place_dead_heat": TIES,
        "place_fraction": PLACE_FRACTIONS,
        "result": [*RESULTS, "place", "place"],
    }
)


@st.composite
def legs(draw: st.DrawFn, *, each_way: bool) -> Json:
    """A leg with its price, its result, and what reduces it."""
    end = draw(PLACED_ENDS if each_way else ENDS)
    placed = each_way and end["result"] in ("win", "place")
    return {
        "price": draw(PRICES),
        "result": end["result"],
        "place_fraction": end.get("place_fraction"),
        "dead_heat": end["dead_heat"] if end["result"] == "win" else None,
        "place_dead_heat": end["place_dead_heat"] if placed else None,
        "rule4": end["rule4"],
    }


@st.composite
def kinds(draw: st.DrawFn) -> tuple[str, int, int]:
    """A kind of bet, how many legs it combines, and how many bankers stand beside them."""
    kind = draw(KINDS)
    if kind in ONE_LINE:
        return kind, ONE_LINE[kind], 0
    if kind == "accumulator":
        return kind, draw(st.integers(2, 9)), 0
    bankers = draw(BANKERS)
    if kind in FULL_COVER:
        return kind, FULL_COVER[kind], bankers
    number = draw(st.integers(1, 7))
    return f"system:{draw(FOLDS[number - 1])}/{number}", number, bankers


ANY_KIND = kinds()
WITH_BANKERS = ANY_KIND.filter(lambda found: found[2] > 0)


@st.composite
def bets(
    draw: st.DrawFn,
    *,
    each_way: bool | None = None,
    leg: Any = legs,
    kind: st.SearchStrategy[tuple[str, int, int]] = ANY_KIND,
) -> Json:
    """A bet whose legs are all decided; each-way or not unless told."""
    both = draw(st.booleans()) if each_way is None else each_way
    name, number, bankers = draw(kind)
    one = leg(each_way=both)
    listed = [draw(one) for _ in range(number)]
    for _ in range(bankers):
        listed.insert(draw(st.integers(0, number)), draw(one) | {"banker": True})
    return {"stake": draw(STAKES), "type": name, "each_way": both, "legs": listed}


@st.composite
def other_legs(draw: st.DrawFn, *, each_way: bool) -> Json:
    """A leg as above, or one at its starting price, or with an agreed place price."""
    one = draw(legs(each_way=each_way))
    if draw(ONE_IN_FIVE):
        one |= {"price": None, "starting_price": one["price"]}
    elif each_way and draw(ONE_IN_FIVE):
        one["place_price"] = draw(PRICES)
    return one


ONE_IN_FIVE = st.sampled_from([False] * 4 + [True])
PART_PRICES, PART_RESULTS = (
    ["1.2", "1.5", "5/3", "2.25", "4"],
    ["win", "win", "win", "lose", "void"],
)
SIZES = st.integers(1, 4)
PARTS = [
    one_of_each(
        {
            "margin": [Fraction(9, 10), Fraction(1), Fraction(2)],
            "prices": list(product(PART_PRICES, repeat=size)),
            "results": list(product(PART_RESULTS, repeat=size)),
        }
    )
    for size in range(1, 5)
]


@st.composite
def builders(draw: st.DrawFn, group: str) -> list[Json]:
    """The parts of one bet builder, sold at about the product of their own prices."""
    found = draw(PARTS[draw(SIZES) - 1])
    together = prod((Fraction(price) for price in found["prices"]), start=Fraction(1))
    price = ratio_text(max(together * found["margin"], Fraction(1)))
    return [
        {"price": price, "part_price": part_price, "result": result, "group": group}
        for part_price, result in zip(found["prices"], found["results"], strict=True)
    ]


def what_is_said(found: Json) -> Json:
    """Return settings without those that nothing is said of."""
    return {name: value for name, value in found.items() if value is not None}


RULE4_SETTINGS = [
    what_is_said({"basis": basis, "cap": cap, "ignore_5p": ignored})
    for basis, cap, ignored in product(
        [None, "stake"], [None, "75", "100", "0"], [None, False, True]
    )
]
RULES = one_of_each(
    {
        "dead_heat_method": [None, "profit", "odds_floor_1", "void_if_odds_on"],
        "each_way_formula": [None, "equally_divided"],
        "place_win_only": [None, "win"],
        "rule4": [*[None] * len(RULE4_SETTINGS), *RULE4_SETTINGS],
        "bet_builder_void": [None, "strip_void_price"],
        "bet_builder_void_beats_lose": [None, None, False, True],
        "snr_scope": [None, "line"],
    }
).map(what_is_said)
CASHED_OUT = [None] * 9 + [Fraction(1, 4), Fraction(9, 10), Fraction(1)]
MORE = one_of_each({"free_bet": [False, True], "cashed_out": CASHED_OUT})
TWO_AT_MOST = st.integers(0, 2)


@st.composite
def bets_under_other_rules(draw: st.DrawFn) -> Json:
    """A bet of any sort that the oracle knows, under rules that are not the defaults."""
    asked = draw(bets(leg=other_legs))
    places = st.integers(0, len(asked["legs"]) - 1)
    for place in {draw(places) for _ in range(draw(TWO_AT_MOST))}:
        banker = asked["legs"][place].get("banker", False)
        parts = draw(builders(f"builder {place}"))
        asked["legs"][place] = [part | {"banker": banker} for part in parts]
    asked["legs"] = [
        part for one in asked["legs"] for part in (one if isinstance(one, list) else [one])
    ]
    more = draw(MORE)
    asked |= {"rules": draw(RULES), "free_bet": more["free_bet"]}
    if more["cashed_out"]:
        cashed = ratio_text(more["cashed_out"] * oracle.total_stake(asked))
        asked["cashed_out"] = {"stake": cashed, "amount": "7.77"}
    return asked
