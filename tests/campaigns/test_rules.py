"""What holds for every bet and every fold, with 20,000 examples: `make campaign NAME=rules`."""

from tests.settlement.fold.test_fold_properties import *  # noqa: F403
from tests.settlement.test_properties import *  # noqa: F403
