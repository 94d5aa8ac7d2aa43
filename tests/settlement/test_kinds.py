"""Kinds of bets: how many lines each has, and which legs fit."""

import pytest

from settlement.rules.exact import RulesRefusal
from settlement.rules.kinds import fold_word, shape_of
from settlement.vocabulary import NOT_COMPUTED, BetKind
from tests.settlement.quoting import bet, leg, refusal


@pytest.mark.parametrize(
    ("word", "legs", "lines", "folds", "title"),
    [
        ("single", 1, 1, (1,), "Single"),
        ("double", 2, 1, (2,), "Double"),
        ("treble", 3, 1, (3,), "Treble"),
        ("accumulator", 2, 1, (2,), "Accumulator"),
        ("accumulator", 40, 1, (40,), "Accumulator"),
        ("trixie", 3, 4, (2, 3), "Trixie"),
        ("patent", 3, 7, (1, 2, 3), "Patent"),
        ("yankee", 4, 11, (2, 3, 4), "Yankee"),
        ("lucky15", 4, 15, (1, 2, 3, 4), "Lucky 15"),
        ("canadian", 5, 26, (2, 3, 4, 5), "Canadian"),
        ("lucky31", 5, 31, (1, 2, 3, 4, 5), "Lucky 31"),
        ("heinz", 6, 57, (2, 3, 4, 5, 6), "Heinz"),
        ("lucky63", 6, 63, (1, 2, 3, 4, 5, 6), "Lucky 63"),
        ("superheinz", 7, 120, (2, 3, 4, 5, 6, 7), "Super Heinz"),
        ("lucky127", 7, 127, (1, 2, 3, 4, 5, 6, 7), "Lucky 127"),
        ("goliath", 8, 247, (2, 3, 4, 5, 6, 7, 8), "Goliath"),
        ("lucky255", 8, 255, (1, 2, 3, 4, 5, 6, 7, 8), "Lucky 255"),
        ("system:2/4", 4, 6, (2,), "System 2 of 4"),
        ("system:2,3/4", 4, 10, (2, 3), "System 2,3 of 4"),
        ("system:10/20", 20, 184_756, (10,), "System 10 of 20"),
        ("system:20/40", 40, 137_846_528_820, (20,), "System 20 of 40"),
        ("exotic", 3, 1, (), "Exotic"),
        ("tote", 1, 1, (), "Tote"),
        ("pickem", 5, 1, (), "Pick'em"),
    ],
)
def test_a_kind_has_its_lines(
    word: str, legs: int, lines: int, folds: tuple[int, ...], title: str
) -> None:
    shape = shape_of(word, legs=legs)

    assert (shape.lines, shape.folds, shape.title, shape.word) == (lines, folds, title, word)


def test_every_kind_but_a_system_is_known_by_its_own_word() -> None:
    words = {kind.lower() for kind in BetKind} - {"system"}
    refused = {word for word in words if "is not a kind" in refusal(bet(word))}

    assert refused == set()


def test_a_systems_folds_are_read_in_order() -> None:
    assert shape_of("system:3,1,2/3", legs=3).word == "system:1,2,3/3"


@pytest.mark.parametrize(
    ("what", "word", "legs", "bankers", "lines"),
    [
        ("a system with a banker", "system:2/3", 4, 1, 3),
        ("a system with three", "system:1,2/2", 5, 3, 3),
        ("a full cover with a banker", "lucky15", 5, 1, 15),
    ],
)
def test_bankers_stand_beside_the_legs_that_are_combined(
    what: str, word: str, legs: int, bankers: int, lines: int
) -> None:
    assert shape_of(word, legs=legs, bankers=bankers).lines == lines


@pytest.mark.parametrize(
    ("word", "legs", "bankers", "sentence"),
    [
        ("single", 0, 0, "A bet has 1 to 40 legs, not 0."),
        ("accumulator", 41, 0, "A bet has 1 to 40 legs, not 41."),
        ("accumulator", 1, 0, "An accumulator has two legs or more."),
        ("single", 2, 0, "A single has 1 leg, not 2."),
        ("double", 1, 0, "A double has 2 legs, not 1."),
        ("lucky15", 5, 0, "A lucky15 has 4 legs, not 5."),
        ("lucky15", 4, 1, "A lucky15 has 4 legs besides its bankers, not 3."),
        ("system:2/3", 4, 0, "A system:2/3 has 3 legs, not 4."),
        ("single", 1, 1, "A single has one line with every leg in it: it takes no bankers."),
        ("double", 3, 1, "A double has one line with every leg in it: it takes no bankers."),
        ("treble", 4, 1, "A treble has one line with every leg in it: it takes no bankers."),
        (
            "accumulator",
            4,
            1,
            "An accumulator has one line with every leg in it: it takes no bankers.",
        ),
        (
            "system:0/3",
            3,
            0,
            "“system:0/3”: each fold is 1 to the number of legs (at most 40).",
        ),
        (
            "system:4/3",
            3,
            0,
            "“system:4/3”: each fold is 1 to the number of legs (at most 40).",
        ),
        (
            "system:2/41",
            41,
            0,
            "“system:2/41”: each fold is 1 to the number of legs (at most 40).",
        ),
    ],
)
def test_legs_that_do_not_fit_are_refused(
    word: str, legs: int, bankers: int, sentence: str
) -> None:
    with pytest.raises(RulesRefusal) as refused:
        shape_of(word, legs=legs, bankers=bankers)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "word",
    [
        "",
        "Single",
        "SINGLE",
        " single",
        "system",
        "system:",
        "system:/3",
        "system:2",
        "system:2,/3",
        "system:2 /3",
        "system:-1/3",
        "system:²/3",
        "system:٢/3",
        "system:100/100",
        "system:2/3\n",
        "quadruple",
        "ſingle",
        "lucky15\0",
    ],
)
def test_what_is_no_kind_is_refused(word: str) -> None:
    with pytest.raises(RulesRefusal) as refused:
        shape_of(word, legs=3)

    assert str(refused.value) == f"“{word}” is not a kind of bet; a system is written system:2,3/4."


@pytest.mark.parametrize("kind", sorted(NOT_COMPUTED))
def test_a_kind_that_is_not_computed_says_how_it_is_settled(kind: BetKind) -> None:
    sentence = refusal(bet(kind.lower(), leg()))

    assert sentence.endswith(": settled by the provider's payout or by amount, not computed.")


@pytest.mark.parametrize(
    ("fold", "lines", "words"),
    [
        (1, 1, "single"),
        (1, 4, "singles"),
        (2, 6, "doubles"),
        (3, 1, "treble"),
        (4, 1, "fourfold"),
        (5, 6, "fivefolds"),
        (9, 1, "9-fold"),
    ],
)
def test_people_call_a_fold_by_its_name(fold: int, lines: int, words: str) -> None:
    assert fold_word(fold, lines) == words
