"""Topics: `connector/resource/event`, and the patterns that match them.

In: topics and patterns as texts. A pattern is a topic in which a level may be `+` (any one) and the last may be `#` (it
and all that follow, also none), as in MQTT. Of two levels without a `#`, the connector's is left out and not compared.
Out: whether a pattern fits. Refused: texts that are no topic or no pattern (InputError).
"""

from __future__ import annotations

from typing import Final

from .errors import InputError, InputProblem

ONE: Final = "+"
REST: Final = "#"


def match_topic(pattern: str, topic: str) -> bool:
    """Whether a topic fits a pattern. InputError: one of them is none."""
    wanted, levels = levels_of(pattern, wild=True), levels_of(topic, wild=False)
    for number, level in enumerate(wanted):
        if level == REST:
            return True
        if number >= len(levels) or not (level in (ONE, levels[number]) or levels[number] == ONE):
            return False
    return len(wanted) == len(levels)


def levels_of(text: str, *, wild: bool) -> list[str]:
    """The levels of a topic or, with wildcards, of a pattern. Of two, the connector's is left out: it becomes `+`."""
    levels = text.split("/")
    for number, level in enumerate(levels):
        last = number == len(levels) - 1
        if not level or (level not in (ONE, REST) and (ONE in level or REST in level)):
            raise _refused(text, "each level between two / is a name, or + alone", wild)
        if level == REST and not last:
            raise _refused(text, "# can only be the last level", wild)
        if not wild and level in (ONE, REST):
            raise _refused(text, "it has a wildcard in it", wild)
    return [ONE, *levels] if len(levels) == 2 and levels[1] != REST else levels


def _refused(text: str, why: str, wild: bool) -> InputError:
    what = "pattern such as shop/orders/+ or shop/#" if wild else "topic such as shop/orders/orders.created"
    return InputError([InputProblem("topic", f"'{text}' is not a {what}: {why}.")])
