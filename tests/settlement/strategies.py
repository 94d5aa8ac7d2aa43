"""Random bets in the shape of the vectors, for the product and its oracle alike."""

from fractions import Fraction
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
TIES = st.sampled_from([None, None, "1/2", "1/3", "2/3", "3/4", "1"])
RESULTS = ["win", "win", "win", "win", "lose", "void"]
DECIMAL_PRICES = st.integers(100, 5000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
RATIO_PRICES = st.fractions(1, 34, max_denominator=12).map(str)
PRICES = DECIMAL_PRICES | RATIO_PRICES
STAKES = st.sampled_from(["0.10", "1", "2.50", "3.33", "100"])
RULE4 = st.sampled_from([0, 0, 0, 3, 5, "10", 25, [2, 3], [40, 60], ["12.5", 5]])
PLACE_FRACTIONS = st.sampled_from([None, "1/5", "1/4", "1/3", "1"])


@st.composite
def legs(draw: st.DrawFn, *, each_way: bool) -> Json:
    """A leg with its price, its result, and what reduces it."""
    others = ["place", "place"] if each_way else ["half_win", "half_lose"]
    result = draw(st.sampled_from(RESULTS + others))
    placed = each_way and result in ("win", "place")
    return {
        "price": draw(PRICES),
        "result": result,
        "place_fraction": draw(PLACE_FRACTIONS) if each_way else None,
        "dead_heat": draw(TIES) if result == "win" else None,
        "place_dead_heat": draw(TIES) if placed else None,
        "rule4": draw(RULE4),
    }


@st.composite
def kinds(draw: st.DrawFn) -> tuple[str, int, int]:
    """A kind of bet, how many legs it combines, and how many bankers stand beside them."""
    kind = draw(st.sampled_from([*ONE_LINE, "accumulator", *FULL_COVER, *["system"] * 6]))
    if kind in ONE_LINE:
        return kind, ONE_LINE[kind], 0
    if kind == "accumulator":
        return kind, draw(st.integers(2, 9)), 0
    bankers = draw(st.sampled_from([0, 0, 1, 2]))
    if kind in FULL_COVER:
        return kind, FULL_COVER[kind], bankers
    number = draw(st.integers(1, 7))
    folds = draw(st.sets(st.integers(1, number), min_size=1, max_size=4))
    return f"system:{','.join(map(str, sorted(folds)))}/{number}", number, bankers


@st.composite
def bets(draw: st.DrawFn, *, each_way: bool | None = None, leg: Any = legs) -> Json:
    """A bet whose legs are all decided; each-way or not unless told."""
    both = draw(st.booleans()) if each_way is None else each_way
    kind, number, bankers = draw(kinds())
    one = leg(each_way=both)
    free = draw(st.lists(one, min_size=number, max_size=number))
    sure = [it | {"banker": True} for it in draw(st.lists(one, min_size=bankers, max_size=bankers))]
    listed = draw(st.permutations(free + sure)) if bankers else free
    return {"stake": draw(STAKES), "type": kind, "each_way": both, "legs": list(listed)}


@st.composite
def other_legs(draw: st.DrawFn, *, each_way: bool) -> Json:
    """A leg as above, or one at its starting price, or with an agreed place price."""
    one = draw(legs(each_way=each_way))
    if draw(st.integers(0, 4)) == 0:
        one |= {"price": None, "starting_price": one["price"]}
    elif each_way and draw(st.integers(0, 4)) == 0:
        one["place_price"] = draw(PRICES)
    return one


@st.composite
def builders(draw: st.DrawFn, group: str) -> list[Json]:
    """The parts of one bet builder, sold at about the product of their own prices."""
    own = draw(
        st.lists(st.sampled_from(["1.2", "1.5", "5/3", "2.25", "4"]), min_size=1, max_size=4)
    )
    together = prod((Fraction(price) for price in own), start=Fraction(1))
    margin = draw(st.sampled_from([Fraction(9, 10), Fraction(1), Fraction(2)]))
    price = ratio_text(max(together * margin, Fraction(1)))
    return [
        {
            "price": price,
            "part_price": part_price,
            "result": draw(st.sampled_from(["win", "win", "win", "lose", "void"])),
            "group": group,
        }
        for part_price in own
    ]


RULES = st.fixed_dictionaries(
    {},
    optional={
        "dead_heat_method": st.sampled_from(["profit", "odds_floor_1", "void_if_odds_on"]),
        "each_way_formula": st.just("equally_divided"),
        "place_win_only": st.just("win"),
        "rule4": st.fixed_dictionaries(
            {},
            optional={
                "basis": st.just("stake"),
                "cap": st.sampled_from(["75", "100", "0"]),
                "ignore_5p": st.booleans(),
            },
        ),
        "bet_builder_void": st.just("strip_void_price"),
        "bet_builder_void_beats_lose": st.booleans(),
        "snr_scope": st.just("line"),
    },
)


@st.composite
def bets_under_other_rules(draw: st.DrawFn) -> Json:
    """A bet of any sort that the oracle knows, under rules that are not the defaults."""
    asked = draw(bets(leg=other_legs))
    for place in draw(st.sets(st.integers(0, len(asked["legs"]) - 1), max_size=2)):
        banker = asked["legs"][place].get("banker", False)
        parts = draw(builders(f"builder {place}"))
        asked["legs"][place] = [part | {"banker": banker} for part in parts]
    asked["legs"] = [
        part for one in asked["legs"] for part in (one if isinstance(one, list) else [one])
    ]
    asked |= {"rules": draw(RULES), "free_bet": draw(st.booleans())}
    if draw(st.integers(0, 3)) == 0:
        share = draw(st.sampled_from([Fraction(1, 4), Fraction(9, 10), Fraction(1)]))
        cashed = ratio_text(share * oracle.total_stake(asked))
        asked["cashed_out"] = {"stake": cashed, "amount": "7.77"}
    return asked
