"""UOF's specifiers in one order."""

import pytest

from settlement.specifiers import canonical


@pytest.mark.parametrize(
    ("what", "given", "stored"),
    [
        ("none", "", ""),
        ("one", "total=2.5", "total=2.5"),
        ("two in order", "hcp=1|total=2.5", "hcp=1|total=2.5"),
        ("two in the other order", "total=2.5|hcp=1", "hcp=1|total=2.5"),
        ("a negative handicap", "hcp=-0.25", "hcp=-0.25"),
        ("a score", "score=1:0|goalnr=2", "goalnr=2|score=1:0"),
        ("a variant with colons", "variant=pre:markettext:12345", "variant=pre:markettext:12345"),
        ("a value with an equals sign", "player=a=b", "player=a=b"),
        ("names sorted by themselves, not by their values", "a1=1|a=2", "a=2|a1=1"),
        ("the same value twice", "to=5|from=5", "from=5|to=5"),
    ],
)
def test_specifiers_are_sorted_by_name_and_otherwise_left_alone(
    what: str, given: str, stored: str
) -> None:
    assert canonical(given) == stored
    assert canonical(stored) == stored


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("a word", "total"),
        ("no value", "total="),
        ("no name", "=2.5"),
        ("nothing between bars", "total=2.5||hcp=1"),
        ("a bar at the end", "total=2.5|"),
        ("a bar alone", "|"),
        ("commas", "total=2.5|hcp"),
    ],
)
def test_what_is_no_list_of_names_and_values_is_refused(what: str, given: str) -> None:
    with pytest.raises(ValueError, match="is not written name=value"):
        canonical(given)


@pytest.mark.parametrize("given", ["total=2.5|total=3.5", "total=2.5|hcp=1|total=2.5"])
def test_a_name_that_stands_twice_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="names a specifier twice"):
        canonical(given)
