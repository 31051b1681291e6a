"""What a person probably meant: the known word nearest to one that is not known.

In: a word and the known ones. Out: the nearest, or a hint that names it. One letter dropped, added, changed or swapped
with its neighbour is near in words of any length; longer words may differ in more, as difflib has it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_NEAR = 0.65


def close_like(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, case aside; None where none is near."""
    known = list(known)
    if word in known:
        return word
    by_lower = {name.lower(): name for name in known}
    lower = word.lower()
    if lower in by_lower:
        return by_lower[lower]
    near = difflib.get_close_matches(lower, by_lower, n=3, cutoff=_NEAR)
    slips = [name for name in (*near, *by_lower) if is_slip(lower, name)]
    swapped = [name for name in slips if sorted(name) == sorted(lower)]  # the likeliest, then a letter changed
    found = swapped or [name for name in slips if len(name) == len(lower)] or slips or near
    return by_lower[found[0]] if found else None


def is_slip(word: str, other: str) -> bool:
    """Whether two words differ by one letter dropped, added, changed, or swapped with its neighbour."""
    if abs(len(word) - len(other)) > 1 or word == other or max(len(word), len(other)) < 2:
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    one, two = word[start:], other[start:]
    swapped = one[:2] == two[1::-1] and one[2:] == two[2:] and len(one) > 1
    return swapped or one[1:] == two[1:] or one[1:] == two or one == two[1:]


def is_sure(word: str, near: str) -> bool:
    """Whether a word can only have been a slip for another: a letter or its case, and no digit, which may be meant."""
    one, two = word.lower(), near.lower()
    digits = [[sign for sign in each if sign.isdigit()] for each in (one, two)]
    plain = all(sign.isalnum() or sign in "_$./-" for sign in near)
    return plain and digits[0] == digits[1] and (one == two or is_slip(one, two))


def meant(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean '…'?`, or the other hint where nothing known is near."""
    near = close_like(word, known)
    return f"did you mean '{near}'?" if near else otherwise


def meant_or_all(word: str, known: Iterable[str]) -> str:
    """What was probably meant, or else what there is, as a sentence."""
    known = list(known)
    hint = meant(word, known)
    return f"D{hint[1:]}" if hint else f"There are: {', '.join(known) or 'none'}."
