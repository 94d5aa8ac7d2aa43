"""Olga and sam act here by their names alone: nobody has to sign in."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from settlement.acts.actors import Actor, actor_named
from tests.settlement.acting import OLGA, SAM


@pytest.fixture(autouse=True)
def olga_and_sam_are_known() -> Iterator[None]:
    """Whoever else asked for an act is looked for among the users."""
    ours = {one.name: one for one in (OLGA, SAM)}

    def known(name: str) -> Actor:
        return ours.get(name) or actor_named(name)

    with patch("settlement.acts.services.actor_named", known):
        yield
