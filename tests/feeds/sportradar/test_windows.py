"""The windows of a sandbox are those of production, made shorter."""

from feeds.sportradar.windows import Windows


def test_all_windows_are_divided_alike() -> None:
    assert Windows().divided(10) == Windows(
        alive=1, silence=2, lag=2, between=3, stalled=30, longest=120, heartbeat=6, dead=18,
        minute=6,
    )  # fmt: skip


def test_a_heartbeat_is_never_so_short_that_it_ends_connections_of_the_busy() -> None:
    assert Windows().divided(60).heartbeat == 5
    assert Windows(heartbeat=4).divided(2).heartbeat == 4
