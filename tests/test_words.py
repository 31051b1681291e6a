"""Words that were misspelled: every slip of one letter is seen, and of several known words the likeliest is named."""

import pytest
from connector_runtime.words import close_like, is_slip, meant, meant_or_all
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

WORDS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=2, max_size=12)
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz_")


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and the same with one letter dropped, added, changed, or swapped with its neighbour."""
    word = draw(WORDS)
    at = draw(st.integers(0, len(word) - 1))
    kind = draw(st.sampled_from(["dropped", "added", "changed", "swapped"]))
    if kind == "dropped":
        return word, word[:at] + word[at + 1 :]
    if kind == "added":
        at = draw(st.integers(0, len(word)))
        return word, word[:at] + draw(LETTERS) + word[at:]
    if kind == "changed":
        other = draw(LETTERS)
        assume(other != word[at])
        return word, word[:at] + other + word[at + 1 :]
    assume(at + 1 < len(word) and word[at] != word[at + 1])
    return word, word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def distance(one: str, other: str) -> int:
    """How many letters have to be dropped, added, changed or swapped with their neighbour, each touched once."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            steps = [rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])]
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                steps.append(rows[i - 2][j - 2] + 1)
            rows[i][j] = min(steps)
    return rows[-1][-1]


@given(slips())
@settings(max_examples=300, deadline=None)
def test_every_slip_of_one_letter_is_one_whichever_of_the_two_is_right(pair: tuple[str, str]) -> None:
    word, wrong = pair
    assert is_slip(word, wrong)
    assert is_slip(wrong, word)


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
@example("ab", "ba")
@example("aab", "ab")
@example("abc", "cab")
@settings(max_examples=500, deadline=None)
def test_nothing_else_is_a_slip(one: str, other: str) -> None:
    """Words of a single letter aside: any two of them would be a slip of each other."""
    assert is_slip(one, other) == (distance(one, other) == 1 and max(len(one), len(other)) > 1)


@given(slips())
@settings(max_examples=300, deadline=None)
def test_the_only_known_word_is_found_by_any_slip_of_it(pair: tuple[str, str]) -> None:
    word, wrong = pair
    assert close_like(wrong, [word]) == word
    assert close_like(wrong.upper(), [word]) == word
    assert close_like(wrong, ["0123456789", word, "9876543210"]) == word


@given(slips(), st.lists(WORDS, max_size=6))
@settings(max_examples=300, deadline=None)
def test_among_several_it_is_one_that_is_a_slip_away(pair: tuple[str, str], others: list[str]) -> None:
    """Never one that differs in more, while there is one that differs in a letter."""
    word, wrong = pair
    found = close_like(wrong, [*others, word])
    assert found is not None
    assert found == wrong or is_slip(wrong, found)


@given(WORDS, st.lists(WORDS, max_size=6))
@settings(max_examples=200, deadline=None)
def test_what_is_found_is_always_one_of_the_known_words(word: str, known: list[str]) -> None:
    assert close_like(word, known) in [*known, None]


KNOWN = ["messageId", "message", "messages", "memberId", "mediaId", "socialProfileId", "scheduledSendTime"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("mesageId", "messageId"),
        ("messageid", "messageId"),
        ("message_id", "messageId"),
        ("MESSAGE", "message"),
        ("mesage", "message"),
        ("mesages", "messages"),
        ("memberID", "memberId"),
        ("medaId", "mediaId"),
        ("meidaId", "mediaId"),
        ("socialProfile", "socialProfileId"),
        ("scheduledSendtme", "scheduledSendTime"),
        ("sheduledSendTim", "scheduledSendTime"),
    ],
)
def test_the_right_one_of_several_is_named(wrong: str, right: str) -> None:
    assert close_like(wrong, KNOWN) == right
    assert close_like(wrong, KNOWN[::-1]) == right


@pytest.mark.parametrize(
    ("wrong", "known", "right"),
    [
        ("ID", ["is", "id"], "id"),  # only capitals differ
        ("stat", ["state", "stet"], "stet"),  # a letter changed, rather than one dropped
        ("from", ["forms", "form", "frame"], "form"),  # two letters swapped
        ("lable", ["labels", "labeled", "label"], "label"),  # two swapped, rather than one added
        ("tag", ["tags", "staging"], "tags"),
        ("abcdef", ["abcxyz", "abcde"], "abcde"),  # a slip, rather than what is only similar
    ],
)
def test_the_likeliest_comes_first(wrong: str, known: list[str], right: str) -> None:
    assert close_like(wrong, known) == right
    assert close_like(wrong, known[::-1]) == right


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("color", ["text", "media"]),
        ("x", ["y", "z"]),
        ("", ["a", "id"]),
        ("id", []),
        ("number", ["state", "messageId"]),
    ],
)
def test_where_nothing_is_near_nothing_is_guessed(word: str, known: list[str]) -> None:
    assert close_like(word, known) is None


def test_what_was_meant_is_a_question_and_else_what_one_was_told_to_say() -> None:
    assert meant("stat", ["state"], "there are none") == "did you mean 'state'?"
    assert meant("color", ["state"], "there are none") == "there are none"
    assert meant("color", ["state"]) == ""
    assert meant("stat", iter(["state"])) == "did you mean 'state'?"


def test_what_was_meant_or_all_there_is_is_a_sentence() -> None:
    assert meant_or_all("stat", ["state", "text"]) == "Did you mean 'state'?"
    assert meant_or_all("color", iter(["state", "text"])) == "There are: state, text."
    assert meant_or_all("color", []) == "There are: none."
