"""How titles and names are written, for the rules about them and for whatever makes new ones.

In: a text, or a word of it. Out: the title as it should be written (`titled`), or what two titles have in common that
are the same to people (`alike`).
"""

from __future__ import annotations

import re

MOST_OF_A_TITLE = 60
MOST_OF_A_TOOL = 64
MOST_OF_A_DESCRIPTION = 1_024
"""Agents reach models through the interfaces of their makers. OpenAI's refuses a function whose name is not
`^[a-zA-Z0-9_-]{1,64}$` or whose description has more than 1,024 characters; Anthropic's refuses a tool of which an input
is not called `^[a-zA-Z0-9_.-]{1,64}$`. One such tool makes them refuse all tools at once. Agents' clients put the name
of the connector before the id. The limit of titles is our own: longer ones are cut off in lists and menus."""

ARTICLES = ("a", "an", "the")
EITHER = frozenset(["as", "at", "but", "by", "if", "in", "off", "on", "up"])
"""Small words that are also a part of verbs, where they are written large: `Sign In`, `Follow Up`."""
SMALL = EITHER.union(
    ARTICLES,
    ("and", "nor", "or"),
    ("for", "from", "into", "of", "per", "to", "via", "vs", "with", "without"),
)
"""Words that are written small inside of a title."""

_WORD = re.compile(r"\S+")


def titled(text: str, known: frozenset[str] = frozenset()) -> str:
    """A title as it should be written. `known`: words that are written as they are there."""
    text = text if text.endswith(("...", "…")) else text.rstrip(".")
    first = text.split(" ", 1)
    text = first[1].lstrip() if len(first) == 2 and first[0].lower() in ARTICLES else text
    found = list(_WORD.finditer(text))

    def changed(match: re.Match[str]) -> str:
        word, bare = match[0], match[0].lower()
        inside = (
            found[0].start() < match.start() < found[-1].start() and text[: match.start()].rstrip()[-1:] not in ":–—-"
        )
        if inside and bare in SMALL:
            return word if bare in EITHER or is_code(word) else bare
        return word if word in known or is_code(word) else capital(word)

    return _WORD.sub(changed, text)


def capital(word: str) -> str:
    """A word with its first letter large, behind any bracket or quote."""
    start = next((number for number, char in enumerate(word) if char.isalnum()), 0)
    return word[:start] + word[start : start + 1].upper() + word[start + 1 :]


def is_code(word: str) -> bool:
    """Whether a word is written as it is: iPhone, mediaId, ow.ly, x86, API."""
    bare = word.strip("()[]{}\"'“”‘’«».,;:!?…")
    return any(char.isupper() or char.isdigit() or char in "._/:@=#$" for char in bare[1:]) or bare[:1] in "@#$./:"


def alike(text: str) -> str:
    """What is left of a text where capitals and punctuation do not count."""
    return "".join(char for char in text.casefold() if char.isalnum())
