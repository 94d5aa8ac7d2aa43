"""UOF's specifiers in one order, whichever they came in: `total=2.5|hcp=1` is `hcp=1|total=2.5`."""


def canonical(specifiers: str) -> str:
    """Return the specifiers sorted by name; refuse what is not `name=value|name=value`.

    Taking a malformed text for “none” would settle the bare market instead.
    """
    pairs = [part.partition("=") for part in specifiers.split("|")] if specifiers else []
    if any(not name or not sign or not value for name, sign, value in pairs):
        raise ValueError(f"“{specifiers}” is not written name=value|name=value.")
    names = [name for name, _, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"“{specifiers}” names a specifier twice.")
    return "|".join(f"{name}={value}" for name, _, value in sorted(pairs))
