"""LSports' ids, codes and times, however they are written: as numbers, as text, with a zone or not.

Ids never pass through a float, times keep all their digits down to 100 ns.
"""

import re
from datetime import date
from functools import lru_cache

from settlement.said import EPOCH, TICKS_A_SECOND

LONGEST_REF = 200
SHOWN = 40
TICKS_A_MILLISECOND = 10_000
SHORTEST_MILLISECONDS = 12  # Digits: what has fewer counts seconds.
FIRST_TICK = 946_684_800 * TICKS_A_SECOND  # 2000-01-01
END_TICK = 7_289_654_400 * TICKS_A_SECOND  # 2201-01-01
EPOCH_DAY = EPOCH.toordinal()

NO_TEXT = "\x00"  # Stands for what is neither text nor a number.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
WHOLE = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
FLOAT = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?", re.ASCII)
CODE = re.compile(r"([+-]?[0-9]{1,6})(?:\.0+)?", re.ASCII)
MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?[0-9]*\s?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2})?)?",
    re.ASCII,
)
DIGITS = re.compile(
    r"([0-9]{9,14})|/Date\(([0-9]{9,14})(?:[+-][0-9]{4})?\)/", re.ASCII
)  # The second is what .NET writes: its zone changes nothing.


class FloatText(str):
    """A number with a fraction or an exponent, as it was written."""


class Odd(Exception):
    """What can't be meant. The text says why, inside a sentence."""


def text_of(value: object) -> str:
    """Return a value as text; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else NO_TEXT


def id_of(text: str, what: str) -> str:
    """Return an id in its one form: 7, “7” and “007” are the same. Refuse what could be no id."""
    if ref := canonical(text) if len(text) <= LONGEST_REF else "":
        return ref
    ref = text.strip()
    if FLOAT.fullmatch(ref):
        raise Odd(f"the id of {what} came as a decimal number: {shown(ref)}")
    raise Odd(f"{what} has no id that could be one" if ref else f"{what} has no id")


@lru_cache(16_384)
def canonical(text: str) -> str:
    """Return an id in its one form; nothing for what could be no id."""
    ref = text.strip()
    if found := WHOLE.fullmatch(ref):
        return f"-{found[2]}" if found[1] == "-" and found[2] != "0" else found[2]
    if FLOAT.fullmatch(ref) or (not ref.isprintable() and UNPRINTABLE.search(ref)):
        return ""
    return ref


def code_of(text: str) -> int | None:
    """Return a code: 2, “2” and “2.0” are the same; nothing when it is no whole number."""
    found = CODE.fullmatch(text.strip())
    return int(found[1]) if found else None


@lru_cache(4096)
def ticks_of(text: str) -> int | None:
    """Return a time in ticks; nothing when it is none, or none that a bet could be of."""
    given = text.strip()[:60]
    ticks = ticks_written(given) if MOMENT.fullmatch(given) else ticks_counted(given)
    return ticks if ticks is not None and FIRST_TICK <= ticks < END_TICK else None


def ticks_written(text: str) -> int | None:
    """Return a written date and time in ticks; without a zone it is UTC's."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    ahead_hours, ahead_minutes = int(found[9] or 0), int(found[10] or 0)
    if hour > 23 or minute > 59 or second > 59 or ahead_hours > 23 or ahead_minutes > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - EPOCH_DAY
    except ValueError:
        return None
    ahead = (ahead_hours * 60 + ahead_minutes) * (-60 if found[8] == "-" else 60)
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second - ahead
    return seconds * TICKS_A_SECOND + int((found[7] or "").ljust(7, "0")[:7])


def ticks_counted(text: str) -> int | None:
    """Return seconds or milliseconds since 1970 in ticks; which of them it is, its length tells."""
    found = DIGITS.fullmatch(text)
    if found is None:
        return None
    whole = (found[1] or found[2]).lstrip("0")
    is_fine = len(whole) >= SHORTEST_MILLISECONDS
    return int(whole or 0) * (TICKS_A_MILLISECOND if is_fine else TICKS_A_SECOND)


def shown(text: str) -> str:
    """Return what came, as long as a person reads it."""
    text = UNPRINTABLE.sub("�", text)
    return text[:SHOWN] + ("…" if len(text) > SHOWN else "")
