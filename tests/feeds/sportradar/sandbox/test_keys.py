"""Routing keys and the bindings that they match."""

import pytest

from feeds.sportradar.sandbox.keys import Spelling, key_of, matches

DOCUMENTED = Spelling(documented=True)
SEVEN = Spelling(node_word=False)


@pytest.mark.parametrize(
    ("kind", "scope", "event", "spelling", "key"),
    [
        ("bet_settlement", "live", "sr:match:5", Spelling(),
         "lo.-.live.bet_settlement.1.sr:match.5.-"),
        ("bet_cancel", "prematch", "sr:match:-5", SEVEN, "hi.pre.-.bet_cancel.1.sr:match.-5"),
        ("bet_cancel", "prematch|live", "sr:season:5", DOCUMENTED,
         "hi.pre.live.cancelbet.1.sr:season.5.-"),
        ("rollback_bet_settlement", "virtual", "vf:match:5", DOCUMENTED,
         "lo.virt.virt.rollback_betsettlement.1.vf:match.5.-"),
        ("rollback_bet_cancel", "live", "sr:match:5", DOCUMENTED,
         "hi.-.live.rollback_cancelbet.1.sr:match.5.-"),
        ("alive", "live", "", Spelling(), "-.-.-.alive.-.-.-.-"),
        ("alive", "live", "", SEVEN, "-.-.-.alive.-.-.-"),
    ],
)  # fmt: skip
def test_a_key_is_written_as_the_provider_writes_it(
    kind: str, scope: str, event: str, spelling: Spelling, key: str
) -> None:
    assert key_of(kind, scope, event, sport="1", spelling=spelling) == key


def test_a_node_is_the_last_word_of_seven_too() -> None:
    assert key_of("snapshot_complete", "live", node=9, spelling=SEVEN) == (
        "-.-.-.snapshot_complete.-.-.-.9"
    )


@pytest.mark.parametrize(
    ("binding", "key", "goes"),
    [
        ("*.*.*.bet_settlement.#", "lo.-.live.bet_settlement.1.sr:match.5.-", True),
        ("*.*.*.bet_settlement.#", "lo.-.live.bet_settlement.1.sr:match.5", True),
        ("*.*.*.bet_settlement.#", "lo.-.live.bet_settlement", True),
        ("*.*.*.bet_settlement.#", "lo.-.bet_settlement.1.sr:match.5.-", False),
        ("*.*.*.bet_cancel.#", "lo.-.live.bet_settlement.1.sr:match.5.-", False),
        ("-.-.-.alive.#", "-.-.-.alive.-.-.-.-", True),
        ("*.*.*.*.*.*.*.-.#", "-.-.-.alive.-.-.-", False),
        ("#", "anything.at.all", True),
        ("#.5", "5", True),
        ("#.5.-", "lo.-.live.bet_settlement.1.sr:match.5.-", True),
        ("a.#.b", "a.b", True),
        ("a.*.b", "a.b", False),
    ],
)
def test_a_binding_takes_the_keys_that_it_describes(binding: str, key: str, goes: bool) -> None:
    assert matches(binding, key) is goes
