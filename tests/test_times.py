"""Times: each table row or test names the rule it pins."""

from datetime import UTC, datetime, timedelta

import pytest
from connector_runtime import times
from hypothesis import given, settings
from hypothesis import strategies as st

AT_NINE = "2026-05-01T09:00:00Z"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        pytest.param("2026-05-01T09:00:00Z", None, AT_NINE, id="utc stays"),
        pytest.param("2026-05-01t09:00:00z", None, AT_NINE, id="small letters are RFC 3339 too"),
        pytest.param("2026-05-01 09:00:00 Z", None, AT_NINE, id="spaces as people write them"),
        pytest.param("2026-05-01T09:00Z", None, AT_NINE, id="seconds may be left out"),
        pytest.param("2026-05-01T11:00:00+02:00", None, AT_NINE, id="an offset ahead"),
        pytest.param("2026-05-01T02:00:00-07:00", None, AT_NINE, id="an offset behind"),
        pytest.param("2026-05-01T00:30:00+05:30", None, "2026-04-30T19:00:00Z", id="an offset that changes the day"),
        pytest.param("2026-05-01T09:00:00-00:00", None, AT_NINE, id="minus zero"),
        pytest.param("2026-05-01T09:00:00.999999999Z", None, AT_NINE, id="fractions are cut off, never rounded"),
        pytest.param("2016-12-31T23:59:60Z", None, "2016-12-31T23:59:59Z", id="a leap second is the one before"),
        pytest.param("2026-05-01T11:00", "Europe/Berlin", AT_NINE, id="summer time of the zone"),
        pytest.param("2026-01-15T10:00", "Europe/Berlin", "2026-01-15T09:00:00Z", id="winter time of the zone"),
        pytest.param("2026-05-01T09:00:00Z", "Europe/Berlin", AT_NINE, id="an offset wins over the zone"),
        pytest.param("2026-05-01T09:00:00Z", "No/Such_Zone", AT_NINE, id="a zone that is not needed is not looked at"),
        pytest.param("0001-01-01T00:00:00Z", None, "0001-01-01T00:00:00Z", id="a year has four digits"),
        pytest.param("9999-12-31T23:59:59Z", None, "9999-12-31T23:59:59Z", id="the last second"),
    ],
)
def test_to_utc_gives_whole_seconds_that_end_in_z(text: str, zone: str | None, expected: str) -> None:
    assert times.to_utc(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone", "sentence"),
    [
        ("tomorrow", None, "'tomorrow' is not a date and time such as 2026-05-01T09:00:00Z"),
        ("2026-05-01", None, "'2026-05-01' is not a date and time such as"),
        ("2026-02-30T09:00:00Z", None, "'2026-02-30T09:00:00Z' is not a date and time that exists"),
        ("2026-05-01T24:00:00Z", None, "that exists"),
        ("2026-05-01T09:00:61Z", None, "that exists"),
        ("2026-05-01T09:00:75Z", None, "that exists"),
        ("2026-05-01T09:60:00Z", None, "that exists"),
        ("2026-05-01T09:00:00+24:00", None, "that exists"),
        ("0000-01-01T00:00:00Z", None, "that exists"),
        ("0001-01-01T00:00:00+02:00", None, "that exists"),
        ("9999-12-31T23:59:59-02:00", None, "that exists"),
        ("2026-05-01T09:00:00\nZ", None, "is not a date and time such as"),
        ("2026-05-01T09:00:00Z\n", None, "is not a date and time such as"),
        ("٢٠٢٦-05-01T09:00:00Z", None, "is not a date and time such as"),
        ("2026-05-01T09:00", None, "'2026-05-01T09:00' has no offset; write it with one (or Z), or say the time zone"),
        ("2026-05-01T09:00", "", "has no offset"),
        ("2026-05-01T09:00", "Berlin", "'Berlin' is not a time zone such as Europe/Berlin"),
        ("2026-05-01T09:00", "../../etc/passwd", "is not a time zone"),
        ("2026-05-01T09:00", "Europe", "'Europe' is not a time zone"),
        ("2026-03-29T02:30", "Europe/Berlin", "does not exist in Europe/Berlin: the clocks skip it; give another time"),
        ("2026-03-08T02:00", "America/New_York", "does not exist in America/New_York"),
    ],
)
def test_to_utc_refuses_with_a_sentence(text: str, zone: str | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        times.to_utc(text, zone)
    assert sentence in str(caught.value)


def test_a_time_that_the_clocks_show_twice_is_refused_with_both_offsets() -> None:
    with pytest.raises(ValueError, match="happens twice in Europe/Berlin") as caught:
        times.to_utc("2026-10-25T02:30", "Europe/Berlin")
    assert "2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-10-25T01:59", "2026-10-24T23:59:00Z"), ("2026-10-25T03:00", "2026-10-25T02:00:00Z")],
)
def test_the_minutes_beside_the_hour_that_is_shown_twice_are_plain(text: str, expected: str) -> None:
    assert times.to_utc(text, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("text", "duration", "expected"),
    [
        (AT_NINE, "30s", "2026-05-01T09:00:30Z"),
        (AT_NINE, "5m", "2026-05-01T09:05:00Z"),
        (AT_NINE, "48h", "2026-05-03T09:00:00Z"),
        (AT_NINE, "28d", "2026-05-29T09:00:00Z"),
        (AT_NINE, "-1d", "2026-04-30T09:00:00Z"),
        ("2026-03-29T01:30:00+01:00", "1h", "2026-03-29T01:30:00Z"),
    ],
)
def test_plus_moves_a_time(text: str, duration: str, expected: str) -> None:
    assert times.plus(text, duration) == expected


@pytest.mark.parametrize(
    ("text", "duration", "sentence"),
    [
        ("2026-05-01T09:00", "1h", "has no offset"),
        (AT_NINE, "1 h", "'1 h' is not a duration such as 30s, 5m, 48h or 28d"),
        (AT_NINE, "0s", "is not a duration"),
        (AT_NINE, "1w", "is not a duration"),
        (AT_NINE, "+1h", "is not a duration"),
        (AT_NINE, "1h\n", "is not a duration"),
        (AT_NINE, "9999999999s", "is not a duration"),
        (AT_NINE, "999999999d", "is outside the calendar"),
        (AT_NINE, "-999999999h", "is outside the calendar"),
    ],
)
def test_plus_refuses_with_a_sentence(text: str, duration: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        times.plus(text, duration)
    assert sentence in str(caught.value)


def test_the_longest_durations_that_can_be_written_can_be_read() -> None:
    assert times.parse_duration("999999999d") == timedelta(days=999_999_999)
    assert times.parse_duration("-2h") == timedelta(hours=-2)


_TEXTS = (
    st.text(max_size=40)
    | st.text("0123456789-+:.TZtz ", max_size=40)
    | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", fullmatch=True)
)
_ZONES = st.none() | st.sampled_from(["Europe/Berlin", "Pacific/Apia", "Asia/Kolkata"]) | st.text(max_size=20)


@settings(max_examples=300, deadline=None)
@given(_TEXTS, _ZONES, st.text(max_size=12) | st.from_regex(r"-?\d{1,12}[smhdw]", fullmatch=True))
def test_garbage_raises_nothing_but_value_errors(text: str, zone: str | None, duration: str) -> None:
    for work in (
        lambda: times.to_utc(text, zone),
        lambda: times.plus(text, duration),
        lambda: times.parse_duration(duration),
        lambda: times.parse_zone(text),
    ):
        try:
            work()
        except ValueError as error:
            assert str(error)  # noqa: PT017 (either outcome is fine; an error has a sentence)


_MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@settings(max_examples=200, deadline=None)
@given(_MOMENTS, _MOMENTS, st.integers(-23 * 60, 23 * 60))
def test_utc_texts_mean_the_same_moment_and_compare_as_the_moments_do(
    one: datetime, other: datetime, minutes: int
) -> None:
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    local = (one + timedelta(minutes=minutes)).replace(tzinfo=None).isoformat()
    assert times.to_utc(f"{local}{sign}{hours:02}:{rest:02}", None) == times.utc_text(one)
    assert times.parse_time(times.utc_text(one)) == one
    assert (times.utc_text(one) < times.utc_text(other)) == (one < other)


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2037, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
)
def test_a_local_time_is_read_on_the_clocks_of_its_zone_or_refused(local: datetime, zone: str) -> None:
    local = local.replace(microsecond=0)
    try:
        moment = times.parse_time(times.to_utc(local.isoformat(), zone))
    except ValueError:
        clocks = times.parse_zone(zone)
        assert local.replace(tzinfo=clocks).utcoffset() != local.replace(tzinfo=clocks, fold=1).utcoffset()
    else:
        assert moment.astimezone(times.parse_zone(zone)).replace(tzinfo=None) == local
