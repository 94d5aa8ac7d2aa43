"""What goes wrong with any request, as the faults have it."""

from collections.abc import Callable

from feeds.sandboxes.faults import Answer, Faults, LostAnswer, Slow
from feeds.sandboxes.http import LeftUnanswered, Request, Response


def disturbed(
    faults: Faults,
    request: Request,
    *,
    answer: Callable[[], Response],
    refusal: Callable[[int, str], Response],
    wait: Callable[[float], object],
) -> Response:
    """Return the right answer, unless something is to go wrong with it."""
    if slow := faults.on_request(Slow, request.path):
        wait(slow.seconds)
    if wrong := faults.on_request(Answer, request.path):
        if wrong.body:
            return Response(wrong.status, wrong.body.encode())
        return refusal(wrong.status, "As the sandbox was told.")
    response = answer()
    if faults.on_request(LostAnswer, request.path):
        raise LeftUnanswered
    return response
