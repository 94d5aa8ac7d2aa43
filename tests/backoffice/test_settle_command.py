"""manage.py settle: acts by hand on the command line, by a person's permissions and limits."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice import truths
from backoffice.models import User
from settlement.acts import services
from settlement.models import Batch, TicketFact
from settlement.vocabulary import BatchState
from tests.factories import FundedPlayer, UserFactory
from tests.settlement.acting import limit, no_limits
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

OPEN = ("OPEN", "NONE", 0, 0)
WHY = ["--reason", "PROVIDER_DOWN", "--note", "He does not answer."]


@pytest.fixture
def olga(player: FundedPlayer) -> User:
    """An operator; T-1 is an open single of 10.00 EUR at 2.50 of player P."""
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    return UserFactory.create(username="olga", role="Operator")


def run(*words: str, user: str = "olga") -> tuple[int, str]:
    """Act as somebody; return the exit code, and what was printed or why it was refused."""
    printed = io.StringIO()
    try:
        call_command("settle", *words, *WHY, "--as", user, stdout=printed)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def test_without_yes_it_is_shown_and_nothing_is_done(player: FundedPlayer, olga: User) -> None:
    code, told = run("T-1", "--result", "win")

    assert code == 0
    assert told.splitlines() == [
        "T-1  OPEN NONE 0.00 → SETTLED WIN 25.00 EUR, difference 25.00",
        "EUR: 1 ticket, 25.00 to players, 0.00 from players.",
        f"{player.player.external_id}: 90.00 → 115.00 EUR",
        "Nothing was done. Add --yes to do it.",
    ]
    assert state() == OPEN
    assert not Batch.objects.exists()


def test_with_yes_it_is_done_in_the_persons_name(player: FundedPlayer, olga: User) -> None:
    code, told = run("T-1", "--result", "WIN", "--yes")

    batch = Batch.objects.get()
    assert (code, told.splitlines()) == (
        0,
        [
            f"Act {batch.pk} is done: 1 done, 0 left alone, 0 failed.",
            "T-1  done, difference 25.00 EUR",
        ],
    )
    assert (batch.maker, batch.state) == ("user:olga", "DONE")
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    assert not [finding for finding in truths.check() if finding.rows]


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        (["--result", "half-win"], ("SETTLED", "HALF_WIN", 1750, 1)),
        (["--leg", "1=void"], ("SETTLED", "REFUND", 1000, 1)),
        (["--void"], ("SETTLED", "REFUND", 1000, 1)),
        (["--cash-out", "12.00"], ("SETTLED", "CASH_OUT", 1200, 1)),
        (["--cash-out", "6.00", "--stake", "4"], ("OPEN", "NONE", 600, 1)),
    ],
)
def test_an_open_ticket_ends_as_it_is_said(
    olga: User, words: list[str], ends: tuple[str, str, int, int]
) -> None:
    assert run("T-1", *words, "--yes")[0] == 0
    assert state() == ends


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        (["--payout", "12.34", "--resettle"], ("SETTLED", "MIXED", 1234, 2)),
        (["--reopen"], ("OPEN", "NONE", 0, 2)),
        (["--cancel"], ("CANCELLED", "NONE", 1000, 2)),
        (["--reject"], ("REJECTED", "NONE", 1000, 2)),
        (["--leg", "1=lose", "--resettle"], ("SETTLED", "LOSE", 0, 2)),
    ],
)
def test_a_settled_ticket_ends_as_it_is_said(
    olga: User, words: list[str], ends: tuple[str, str, int, int]
) -> None:
    UserFactory.create(username="sam", role="Senior")
    tell(said(outcomes={"X": WON}))

    assert run("T-1", *words, "--yes", user="sam")[0] == 0

    assert state() == ends


def test_an_act_is_released_to_the_provider(olga: User) -> None:
    run("T-1", "--result", "lose", "--yes")
    tell(said(outcomes={"X": WON}))

    assert run("T-1", "--release", "--yes")[0] == 0

    assert state() == ("SETTLED", "WIN", 2500, 2)


def test_several_legs_are_said_at_once(player: FundedPlayer, olga: User) -> None:
    accepted(bet(player, *legs(2), bet_id="T-2", kind="double"))

    code, told = run("T-2", "--leg", "1=win", "--leg", "2=void")

    assert code == 0
    assert told.splitlines()[:3] == [
        "T-2  OPEN NONE 0.00 → SETTLED MIXED 25.00 EUR, difference 25.00",
        "  leg 1: open → WIN",
        "  leg 2: open → VOID",
    ]


def test_above_the_limit_it_waits_for_somebody_else(olga: User) -> None:
    limit("Operator", "EUR", 1000)

    code, dry = run("T-1", "--result", "win")
    done = run("T-1", "--result", "win", "--yes")

    asks = "The act moves 25.00 EUR; alone you move at most 10.00 EUR."
    assert f"It would wait for somebody else. {asks}" in dry.splitlines()
    batch = Batch.objects.get()
    assert (code, done) == (
        0, (0, f"Act {batch.pk} waits for somebody else to agree. {asks}\n"),
    )  # fmt: skip
    assert (batch.state, state()) == (BatchState.WAITING, OPEN)


def test_programs_read_what_the_api_says(olga: User) -> None:
    dry: dict[str, Any] = json.loads(run("T-1", "--result", "win", "--json")[1])
    done: dict[str, Any] = json.loads(run("T-1", "--result", "win", "--json", "--yes")[1])

    assert (dry["dry_run"], dry["totals"][0]["difference"]) == (True, "25.00")
    assert "token" not in dry
    assert (done["dry_run"], done["state"], done["moved"]) == (
        False, "DONE", [{"currency": "EUR", "difference": "25.00"}],
    )  # fmt: skip
    assert done["results"] == [{
        "position": 1, "bet_id": "T-1", "state": "DONE", "sentence": None, "currency": "EUR",
        "difference": "25.00",
    }]  # fmt: skip


def test_what_is_left_alone_is_told_and_the_rest_is_done(player: FundedPlayer, olga: User) -> None:
    UserFactory.create(username="sam", role="Senior")
    accepted(bet(player, bet_id="T-2"))
    run("T-2", "--result", "win", "--yes")

    code, told = run("T-1", "T-2", "T-9", "--result", "win", "--yes", user="sam")

    assert code == 1
    assert told.splitlines()[1:] == [
        "T-1  done, difference 25.00 EUR",
        "T-2  left alone: It is settled as win with 25.00 EUR paid already: "
        "resettle it to change that.",
        "T-9  left alone: There is no such ticket.",
    ]
    assert run("T-1", "T-9", "--void", user="sam")[0] == 1


@pytest.mark.parametrize(
    ("words", "user", "code", "sentence"),
    [
        (["T-9", "--result", "win"], "olga", 1, "T-9: There is no such ticket."),
        (["T-1", "--result", "mixed"], "olga", 1,
         "T-1: No ticket is settled as MIXED: name its legs or its payout."),
        (["T-1", "--result", "won"], "olga", 2,
         "result: “won” is none of win, lose, refund, half_win, half_lose, place_win, mixed."),
        (["T-1", "--reopen"], "olga", 1, "T-1: It is open already."),
        (["T-1", "--payout", "1.234"], "sam", 1,
         "T-1: “1.234” has more decimal places than EUR holds (2)."),
        (["T-1", "--cancel"], "olga", 1,
         "olga may not do this: the permission “settlement.cancel_ticket” is missing. "
         "Nothing was changed."),
        (["T-1", "--result", "win"], "sue", 1,
         "sue may not do this: the permission “settlement.settle_ticket” is missing. "
         "Nothing was changed."),
        (["T-1", "--result", "win"], "nobody", 2, "There is no active user “nobody”."),
        (["T-1", "--result", "win"], "gone", 2, "There is no active user “gone”."),
        (["T-1", "--result", "win"], "\udcff", 2, "There is no active user “?”."),
        (["T\udcff", "--result", "win"], "olga", 2,
         "bet_id holds a character that can't be written down."),
        (["T-1", "--void", "--resettle"], "olga", 2,
         "--resettle goes with --result, --payout or --leg."),
        (["T-1", "--void", "--stake", "1"], "olga", 2, "--stake goes with --cash-out."),
        (["T-1", "--leg", "one"], "olga", 2,
         "A leg is said like 2=void: its number and its result."),
        (["T-1", "--result", "win", "--reason", "BORED"], "olga", 2,
         "reason: “BORED” is none of provider_down, provider_error, wrong_result, rules, "
         "customer_care, other."),
        (["T-1", "--result", "win", "--note", " "], "olga", 2,
         "A note is required: say in a sentence why."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("meant", [[], ["--yes"]])
def test_a_refusal_says_why_and_nothing_is_done(
    olga: User, words: list[str], user: str, code: int, sentence: str, meant: list[str]
) -> None:
    UserFactory.create(username="sam", role="Senior")
    UserFactory.create(username="sue", role="Support")
    UserFactory.create(username="gone", role="Senior", is_active=False)

    # What is said last counts.
    found = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("settle", *WHY, *words, *meant, "--as", user, stdout=found)

    assert (refused.value.returncode, str(refused.value)) == (code, sentence)
    assert found.getvalue() == ""
    assert state() == OPEN
    assert not Batch.objects.exists()
    assert not TicketFact.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["T-1", "--result", "win", *WHY],
        ["T-1", "--result", "win", "--as", "olga", "--note", "x"],
        ["T-1", "--result", "win", "--as", "olga", "--reason", "OTHER"],
        ["T-1", *WHY, "--as", "olga"],
        ["T-1", "--void", "--reopen", *WHY, "--as", "olga"],
        ["--void", *WHY, "--as", "olga"],
    ],
)
def test_who_why_and_what_have_to_be_said(olga: User, words: list[str]) -> None:
    with pytest.raises(CommandError, match="Error: "):
        call_command("settle", *words)


def test_a_ticket_that_a_feed_settled_first_is_refused(
    olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted = services.act

    def late(**words: Any) -> Batch:
        tell(said(outcomes={"X": LOST}))
        return acted(**words)

    monkeypatch.setattr(services, "act", late)
    code, sentence = run("T-1", "--result", "win", "--yes")

    assert code == 1
    assert sentence.startswith("T-1 was settled by feed:sportradar at ")
    assert state() == ("SETTLED", "LOSE", 0, 1)
