"""Topics and patterns: which fit which, and many subscriptions at once, found without looking at them all.

What costs nothing more is shown by counting the steps that Python takes, never by a clock.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable
from itertools import product
from types import FrameType
from typing import Any

import pytest
from connector_runtime import InputError, Subscriptions, match_topic
from hypothesis import given, settings
from hypothesis import strategies as st

SCHEDULED = "hootsuite/messages/messages.scheduled"
QUICK = settings(max_examples=400, deadline=None)


def steps(work: Callable[[], Any]) -> int:
    """How many steps (bytecode instructions) Python takes for a piece of work; the same on every machine."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before, collects = sys.gettrace(), gc.isenabled()
    gc.disable()  # what others do when memory is tidied up is no part of the work
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    return count


# -- one pattern and one topic ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        # the same text
        (SCHEDULED, SCHEDULED, True),
        (SCHEDULED, "hootsuite/messages/messages.sent", False),
        (SCHEDULED, "hootsuite/media/messages.scheduled", False),
        (SCHEDULED, "other/messages/messages.scheduled", False),
        (SCHEDULED, SCHEDULED.upper(), False),
        ("a", "a", True),
        ("a", "b", False),
        # any one level
        ("+/messages/messages.scheduled", SCHEDULED, True),
        ("hootsuite/+/messages.scheduled", SCHEDULED, True),
        ("hootsuite/messages/+", SCHEDULED, True),
        ("+/+/+", SCHEDULED, True),
        ("hootsuite/+/messages.sent", SCHEDULED, False),
        ("+", "a", True),
        ("+", "a/b/c", False),
        ("+/+/+", "a", False),
        ("+/+/+", "a/b/c/d", False),
        ("+/+/+/+", "a/b/c", False),
        ("a/+/c/d", "a/b/c/d", True),
        # all that follow, also none
        ("#", SCHEDULED, True),
        ("#", "a", True),
        ("hootsuite/#", SCHEDULED, True),
        ("hootsuite/messages/#", SCHEDULED, True),
        ("hootsuite/messages/messages.scheduled/#", SCHEDULED, True),
        ("hootsuite/messages/messages.scheduled/more/#", SCHEDULED, False),
        ("hootsuite/media/#", SCHEDULED, False),
        ("other/#", SCHEDULED, False),
        ("+/#", SCHEDULED, True),
        ("+/#", "a", True),
        ("+/messages/#", SCHEDULED, True),
        ("+/media/#", SCHEDULED, False),
        ("a/#", "a", True),
        ("a/b/#", "a", False),
        ("a/#", "a/b/c/d/e", True),
        ("hoot/#", SCHEDULED, False),  # a beginning of a level is none
        # two levels: the connector's is left out and not compared
        ("messages/messages.scheduled", SCHEDULED, True),
        ("messages/messages.scheduled", "other/messages/messages.scheduled", True),
        ("messages/messages.sent", SCHEDULED, False),
        ("hootsuite/messages", SCHEDULED, False),
        (SCHEDULED, "messages/messages.scheduled", True),
        (SCHEDULED, "messages/messages.sent", False),
        ("messages/messages.scheduled", "messages/messages.scheduled", True),
        ("messages/+", SCHEDULED, True),
        ("+/messages.scheduled", SCHEDULED, True),
        ("+/+", SCHEDULED, True),
        ("+/+", "messages/messages.scheduled", True),
        ("+/+", "a", False),
        ("+/+", "a/b/c/d", False),
        ("media/+", "messages/messages.scheduled", False),
        ("hootsuite/#", "messages/messages.scheduled", True),
        ("other/media/#", "messages/messages.scheduled", False),
        ("other/messages/#", "messages/messages.scheduled", True),
        ("#", "messages/messages.scheduled", True),
        ("messages/#", SCHEDULED, False),  # with a # it is all there, so messages is the connector
        # what is special elsewhere is plain here
        ("a/./c", "a/./c", True),
        ("a/./c", "a/b/c", False),
        ("a/*/c", "a/b/c", False),
        ("a/.*/c", "a/b/c", False),
        ("a/[b]/c", "a/b/c", False),
        ("a/$sys/c", "a/$sys/c", True),
        ("$sys/#", "$sys/b/c", True),
        ("+/b/c", "$sys/b/c", True),
        (" a/b/c", "a/b/c", False),
        ("ä/b/日本", "ä/b/日本", True),
    ],
)
def test_a_pattern_fits_a_topic_or_not(pattern: str, topic: str, fits: bool) -> None:
    assert match_topic(pattern, topic) is fits


NO_PATTERNS = ["", "/", "a/", "/a", "a//b", "a/b/", "a/#/b", "#/a", "#/#", "a/b+", "+b/c", "a/++/c", "a/b#", "a/##"]
NO_PATTERNS += ["a/#b", "a/+#", "#+"]


@pytest.mark.parametrize("text", NO_PATTERNS)
def test_what_is_no_pattern_is_refused_wherever_a_pattern_is_wanted(text: str) -> None:
    tree: Subscriptions[int] = Subscriptions()
    for work in (lambda: match_topic(text, "a/b/c"), lambda: tree.add(text, 1), lambda: tree.remove(text, 1)):
        with pytest.raises(InputError) as caught:
            work()
        assert f"'{text}'" in caught.value.message
        assert "pattern" in caught.value.message
    assert tree.matching("a/b/c") == []
    assert tree._root == {}


@pytest.mark.parametrize("text", [*NO_PATTERNS, "#", "+", "a/b/#", "a/+/c", "+/+/+", "a/+", "a/#"])
def test_what_is_no_topic_is_refused_and_a_pattern_is_none(text: str) -> None:
    tree: Subscriptions[int] = Subscriptions()
    for work in (lambda: match_topic("#", text), lambda: tree.matching(text)):
        with pytest.raises(InputError) as caught:
            work()
        assert f"'{text}'" in caught.value.message
        assert "topic" in caught.value.message


def test_a_pattern_is_refused_even_where_the_topic_would_settle_it() -> None:
    for pattern, topic in (("x/a//b", "a/b/c"), ("#/a", "b"), ("x/b", "a/#"), ("x/b/c", "a/+/c")):
        with pytest.raises(InputError):
            match_topic(pattern, topic)


LEVELS = st.sampled_from(["a", "b", "c", "a.b"])
TOPICS = st.lists(LEVELS, min_size=1, max_size=4).map("/".join)
PATTERNS = st.builds(
    lambda levels, rest: "/".join([*levels, "#"] if rest or not levels else levels),
    st.lists(st.sampled_from(["a", "b", "c", "a.b", "+"]), max_size=4),
    st.booleans(),
)


def by_expression(pattern: str, topic: str) -> bool:
    """The same rule, said another way: as regular expressions over every connector that may have been meant."""
    if pattern.count("/") == 1 and not pattern.endswith("#"):
        pattern = f"+/{pattern}"
    topics = [f"{one}/{topic}" for one in ("a", "b", "c", "a.b", "z")] if topic.count("/") == 1 else [topic]
    text = "".join("[^/]+" if level == "+" else re.escape(level) for level in re.split(r"([+])", pattern))
    if pattern.endswith("#"):
        text = ".*" if pattern == "#" else text.removesuffix(re.escape("/#")) + "(/.*)?"
    return any(re.fullmatch(text, one) for one in topics)


@QUICK
@given(pattern=PATTERNS, topic=TOPICS)
def test_it_fits_exactly_as_a_regular_expression_of_the_same_meaning_would(pattern: str, topic: str) -> None:
    assert match_topic(pattern, topic) is by_expression(pattern, topic)


@QUICK
@given(text=st.text(st.sampled_from(["a", "b", "/", "+", "#", "é", " "]), max_size=8))
def test_a_text_is_a_pattern_or_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        assert match_topic(text, "a/b/c") in (True, False)
    except InputError:
        assert not re.fullmatch(r"(?:(?:[^/+#]+|\+)/)*(?:[^/+#]+|\+|#)", text)
    else:
        assert re.fullmatch(r"(?:(?:[^/+#]+|\+)/)*(?:[^/+#]+|\+|#)", text)


# -- many subscriptions ----------------------------------------------------------------------------------


CHANGES = st.lists(st.tuples(st.sampled_from(["add", "add", "remove"]), PATTERNS, st.integers(0, 3)), max_size=40)


@QUICK
@given(changes=CHANGES, topics=st.lists(TOPICS, min_size=1, max_size=6))
def test_a_topic_finds_exactly_the_subscribers_whose_pattern_fits(
    changes: list[tuple[str, str, int]], topics: list[str]
) -> None:
    tree: Subscriptions[int] = Subscriptions()
    there: set[tuple[str, int]] = set()
    for change, pattern, subscriber in changes:
        if change == "add":
            tree.add(pattern, subscriber)
            there.add((canonical(pattern), subscriber))
        else:
            tree.remove(pattern, subscriber)
            there.discard((canonical(pattern), subscriber))
    for topic in topics:
        found = tree.matching(topic)
        assert len(found) == len(set(found)), "each once"
        assert set(found) == {subscriber for pattern, subscriber in there if match_topic(pattern, topic)}
    for pattern, subscriber in there:
        tree.remove(pattern, subscriber)
    assert tree._root == {}, "nothing is left behind"


def canonical(pattern: str) -> str:
    """`a/b` and `+/a/b` are one subscription: both leave the connector open."""
    return f"+/{pattern}" if pattern.count("/") == 1 and not pattern.endswith("#") else pattern


def test_the_same_subscription_twice_is_one_and_gone_when_it_is_taken_back_once() -> None:
    tree: Subscriptions[str] = Subscriptions()
    for _ in range(2):
        tree.add("a/b/c", "one")
    tree.add("a/b/#", "one")
    assert tree.matching("a/b/c") == ["one"]
    tree.remove("a/b/c", "one")
    assert tree.matching("a/b/c") == ["one"]
    tree.remove("a/b/#", "one")
    assert tree.matching("a/b/c") == []
    assert tree._root == {}


@pytest.mark.parametrize("pattern", ["a/b/c", "a/b", "a/b/c/d", "+/b/c", "a/#", "#", "x", "a/b/+"])
def test_taking_back_what_is_not_there_changes_nothing(pattern: str) -> None:
    tree: Subscriptions[str] = Subscriptions()
    tree.remove(pattern, "one")
    assert tree._root == {}
    tree.add("a/b/c/x", "one")
    tree.add("a/b/c", "other")
    tree.remove(pattern, "one")
    assert tree.matching("a/b/c") == ["other"]
    assert tree.matching("a/b/c/x") == ["one"]


def test_subscribers_come_each_once_however_many_of_their_patterns_fit() -> None:
    tree: Subscriptions[str] = Subscriptions()
    for levels in product(["hootsuite", "+"], ["messages", "+"], ["messages.scheduled", "+", "#"]):
        tree.add("/".join(levels), "one")
        tree.add("/".join(levels), "other")
    tree.add("#", "one")
    assert sorted(tree.matching(SCHEDULED)) == ["one", "other"]
    assert sorted(tree.matching("messages/messages.scheduled")) == ["one", "other"]


def shared(count: int) -> Subscriptions[int]:
    """Many subscriptions; seven of them, always the same, are for one topic."""
    tree: Subscriptions[int] = Subscriptions()
    for number in range(count):
        tree.add(
            ("shop/orders/o{}", "shop/r{}/+", "+/q{}/o", "c{}/#", "shop/orders/x/o{}")[number % 5].format(number),
            number,
        )
    for number, pattern in enumerate(
        ["shop/orders/made", "shop/+/made", "+/orders/made", "shop/#", "#", "orders/+", "shop/orders/made/#"]
    ):
        tree.add(pattern, -number)
    return tree


def test_finding_subscribers_takes_as_many_steps_among_ten_as_among_ten_thousand() -> None:
    few, many = shared(10), shared(10_000)
    assert (
        sorted(few.matching("shop/orders/made"))
        == sorted(many.matching("shop/orders/made"))
        == [-6, -5, -4, -3, -2, -1, 0]
    )
    assert steps(lambda: few.matching("shop/orders/made")) == steps(lambda: many.matching("shop/orders/made"))
    assert steps(lambda: few.matching("no/such/topic")) == steps(lambda: many.matching("no/such/topic"))
    assert steps(lambda: few.add("shop/orders/new", 1)) == steps(lambda: many.add("shop/orders/new", 1))
    assert steps(lambda: few.remove("shop/orders/new", 1)) == steps(lambda: many.remove("shop/orders/new", 1))


def test_steps_do_show_a_search_that_looks_at_everything() -> None:
    """The yardstick itself: the plain way to search takes a thousand times the steps."""

    def search(patterns: list[str]) -> list[str]:
        return [pattern for pattern in patterns if match_topic(pattern, SCHEDULED)]

    few, many = ["a/b/c"] * 10, ["a/b/c"] * 10_000
    assert steps(lambda: search(many)) > 900 * steps(lambda: search(few))
