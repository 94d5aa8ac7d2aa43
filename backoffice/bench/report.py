"""A run as people and programs read it."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from backoffice.bench.machine import Machine
from backoffice.bench.ratios import Ratio
from backoffice.bench.rounds import Lap

Rows = Sequence[Sequence[str]]

SIDES = ("Side", "new a round", "median/s", "min–max", "client µs", "backend µs")
RATIOS = ("Ratio", "median", "min–max", "floor", "stretch", "")
WIDEST = 200  # For the console: a narrow terminal may break a line, but no figure is cut short.


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run found out. Every side's laps stand in the order of the rounds."""

    title: str
    machine: Machine
    about: Mapping[str, str]
    laps: Mapping[str, Sequence[Lap]]
    ratios: Sequence[Ratio]
    notes: Sequence[str]


def as_text(report: Report, console: Console) -> str:
    """Return the report for people: ruled tables on a terminal, plain columns elsewhere."""
    table = ruled if console.is_terminal else plain
    parts = [
        "\n".join([report.title, *circumstances(report.machine)]),
        table(SIDES, side_rows(report.laps), console),
        table(RATIOS, [ratio_row(ratio) for ratio in report.ratios], console),
        "\n".join(f"{name}: {about}." for name, about in report.about.items()),
        "\n".join(report.notes),
    ]
    return "\n\n".join(part.rstrip() for part in parts)


def as_json(report: Report) -> str:
    """Return the report for programs."""
    said = {
        "title": report.title,
        "machine": asdict(report.machine),
        "sides": [
            {"name": name, "about": about, "laps": [lap_fields(lap) for lap in report.laps[name]]}
            for name, about in report.about.items()
        ],
        "ratios": [
            asdict(ratio.goal)
            | {"values": ratio.values, "median": ratio.median, "fell_short": ratio.fell_short}
            for ratio in report.ratios
        ],
        "notes": report.notes,
    }
    return msgspec.json.encode(said).decode()


def lap_fields(lap: Lap) -> dict[str, Any]:
    """Return a lap with what follows from it."""
    return asdict(lap) | {
        "rate": lap.rate,
        "client_us": lap.client_us,
        "backend_us": lap.backend_us,
    }


def circumstances(machine: Machine) -> list[str]:
    """Return the lines that stand above the figures."""
    load = " ".join(f"{value:.2f}" for value in machine.load)
    checkpoints = (
        "CHECKPOINT before each side"
        if machine.checkpoints
        else "no CHECKPOINT before any side (the owner's role may not)"
    )
    return [
        f"PostgreSQL {machine.postgresql}, fsync {machine.fsync}, "
        f"synchronous_commit {machine.synchronous_commit}; {checkpoints}",
        f"8 kB fdatasync {machine.fdatasync_us:,} µs; {machine.cores} cores, "
        f"load {load} at the start",
        f"Python {machine.python}, Django {machine.django}; every side on one connection as "
        f"the role {machine.role}",
    ]


def side_rows(laps: Mapping[str, Sequence[Lap]]) -> list[tuple[str, ...]]:
    """Return a row for each side."""
    return [side_row(name, of_side) for name, of_side in laps.items()]


def side_row(name: str, laps: Sequence[Lap]) -> tuple[str, ...]:
    """Return a side's median, spread and costs."""
    rates = [lap.rate for lap in laps]
    backend = [lap.backend_us for lap in laps if lap.backend_us is not None]
    return (
        name,
        f"{laps[0].units:,}",
        f"{statistics.median(rates):,.0f}",
        f"{min(rates):,.0f}–{max(rates):,.0f}",
        f"{statistics.median(lap.client_us for lap in laps):,.0f}",
        f"{statistics.median(backend):,.0f}" if backend else "–",
    )


def ratio_row(ratio: Ratio) -> tuple[str, ...]:
    """Return a ratio with its spread over the rounds and what is asked of it."""
    return (
        f"{ratio.goal.side} / {ratio.goal.against}",
        multiple(ratio.median),
        f"{multiple(min(ratio.values))}–{multiple(max(ratio.values))}",
        *(
            "" if asked is None else f"{asked:.3g}"
            for asked in (ratio.goal.floor, ratio.goal.stretch)
        ),
        ratio.verdict,
    )


def multiple(value: float) -> str:
    """Return a multiple with two places, a small part with three."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def plain(head: Sequence[str], rows: Rows, _: Console) -> str:
    """Return aligned columns: the first one to the left, figures to the right."""
    lines = [""] * (len(rows) + 1)
    for place, column in enumerate(zip(head, *rows, strict=True)):
        width = max(map(len, column))
        for number, cell in enumerate(column):
            right = place > 0 and column[0] != ""
            lines[number] += f"{cell:>{width}}  " if right else f"{cell:<{width}}  "
    return "\n".join(line.rstrip() for line in lines)


def ruled(head: Sequence[str], rows: Rows, console: Console) -> str:
    """Return a table for a terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, name in enumerate(head):
        table.add_column(name, justify="right" if place and name else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
