"""The digest's numbers in words: scores with their intervals, answer times, volumes, shares."""

from collections.abc import Sequence
from datetime import date, timedelta

from alerts import digest_words as words
from alerts.digest_view import Answers, Gauge, PartRow, VoiceRow
from alerts.escape import cut, one_line
from domain.digest import DayVolume, Digest, Voice
from domain.reputation import NpsProxy, Part, Reputation, ResponseTimes

TREND_DAYS = 28
FULLY = 0.99  # a quarter of an hour of a day may be missing: a pass is rarely on the minute
Trend = tuple[tuple[date, float | None], ...]


def score_gauge(now: Reputation, before: Reputation | None) -> Gauge:
    has = now.score is not None
    return Gauge(
        value=words.score(now.score) if now.score is not None else "",
        interval=_interval(words.score, now.low, now.high) if has else "",
        missing="" if has else _insufficient(now.n_authors),
        basis=words.many(now.n_authors, "author"),
        change=words.changed(now, before),
        low=now.low if has else None,
        at=now.score,
        high=now.high if has else None,
    )


def nps_gauge(now: NpsProxy, before: NpsProxy | None) -> Gauge:
    has = now.value is not None
    return Gauge(
        value=words.signed(now.value) if now.value is not None else "",
        interval=_interval(words.signed, now.low, now.high) if has else "",
        missing="" if has else _insufficient(now.n_authors),
        basis=f"{words.many(now.n_authors, 'author')}, {cut(one_line(now.calibration), 60)}",
        change=words.changed(now, before),
        low=now.low if has else None,
        at=now.value,
        high=now.high if has else None,
    )


def _interval(shown: words.Shown, low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def _insufficient(authors: int) -> str:
    return f"insufficient ({words.number(authors)} of {words.AT_LEAST} authors)"


def nps_split(nps: NpsProxy) -> str:
    promoters = words.many(nps.promoters, "promoter")
    passives = words.many(nps.passives, "passive")
    return f"{promoters}, {passives}, {words.many(nps.detractors, 'detractor')}"


def parts_shown(parts: tuple[Part, ...]) -> str:
    known = sum(part.value is not None for part in parts)
    return f"{known} of {words.many(len(parts), 'part')}"


def part_row(part: Part) -> PartRow:
    missing = part.value is None
    return PartRow(
        name=one_line(part.name),
        value="missing" if part.value is None else words.score(part.value),
        percent=part.value,
        weight="" if missing else words.percent(part.weight),
        contribution="" if missing else words.score(part.contribution),
        n=words.number(part.n),
        note=one_line(part.note),
    )


def trend(stored: Trend) -> Trend:
    """The last four weeks of stored scores, one entry a calendar day; () before the second one."""
    known = dict(stored)
    with_score = [value for value in known.values() if value is not None]
    if not with_score[1:]:
        return ()
    last = max(known)
    days = [last - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1)]
    return tuple((day, known.get(day)) for day in days)


def trend_said(points: Trend) -> str:
    """The chart in a sentence: its lowest and its highest day."""
    known = [(value, day) for day, value in points if value is not None]
    if not known:
        return "No trend yet: it takes scores of two days."
    (low, low_day), (high, high_day) = min(known), max(known)
    lowest = f"Lowest {words.score(low)} on {words.day(low_day)}"
    return f"{lowest}, highest {words.score(high)} on {words.day(high_day)}."


def volume(digest: Digest, reported: str) -> str:
    if not digest.days or not any(one.total for one in digest.days):
        return " ".join(filter(None, ("No mentions in these days.", heard(digest.days))))
    last, usual = digest.days[-1], words.usual_total(digest.days)
    tones = [
        f"{words.number(last.negative)} negative",
        f"{words.number(last.neutral)} neutral",
        f"{words.number(last.positive)} positive",
        *([f"{words.number(last.unsure)} unsure"] if last.unsure else []),
        *([f"{words.number(last.unscored)} not scored"] if last.unscored else []),
    ]
    before = (
        "No usual day yet: it takes a week of mentions."
        if usual is None
        else f"A usual day has {words.number(round(usual))} (median of the days before)."
    )
    detail = f": {', '.join(tones)}" if last.total else ""
    told = (f"{reported}: {words.many(last.total, 'mention')}{detail}.", before, heard(digest.days))
    return " ".join(filter(None, told))


def heard(days: Sequence[DayVolume]) -> str:
    """How much of these days was listened to: a day that was not says little. "" if all was."""
    known = [one for one in days if one.heard is not None]
    partly = [one for one in known if one.heard is not None and one.heard < FULLY]
    if not partly:
        return ""
    last = known[-1]
    share = f", the last one to {int(100 * (last.heard or 0))}%" if last in partly else ""
    return f"Not heard in full on {len(partly)} of {words.many(len(known), 'day')}{share}."


def answers(times: ResponseTimes) -> Answers:
    share = times.attainment
    return Answers(
        attainment=Gauge(
            value="" if share is None else words.percent(share),
            interval=_interval(words.percent, times.attainment_low, times.attainment_high),
            missing="nothing was due" if share is None else "",
            basis=f"{words.number(times.in_time)} of {words.number(times.due)} due",
            change="",
            low=_hundred(times.attainment_low),
            at=_hundred(share),
            high=_hundred(times.attainment_high),
        ),
        open=(
            ("Overdue", words.number(times.overdue), "unanswered"),
            ("Oldest", words.waited(times.oldest_open, "none"), "unanswered"),
            ("Pending", words.number(times.pending), "not due yet"),
        ),
        needed=(
            f"{words.many(times.needed, 'mention')} needed an answer,"
            f" {words.number(times.answered)} got one."
        ),
        times=_times(times) if times.needed else (),
        answered_n=words.number(times.answered),
        all_n=words.number(times.needed),
    )


def _times(times: ResponseTimes) -> tuple[tuple[str, str, str], ...]:
    return (
        ("Half within (p50)", *_pair(times, times.answered_p50, times.km_p50)),
        ("Nine in ten within (p90)", *_pair(times, times.answered_p90, times.km_p90)),
    )


def _pair(
    times: ResponseTimes, answered: timedelta | None, everyone: timedelta | None
) -> tuple[str, str]:
    """A percentile among the answered, and with those still waiting counted as waiting."""
    few = f"fewer than {words.PERCENTILES_FROM}"
    never = "not reached" if times.needed >= words.PERCENTILES_FROM else few
    return words.waited(answered, few), words.waited(everyone, never)


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def voice_rows(voices: tuple[Voice, ...]) -> tuple[VoiceRow, ...]:
    total = sum(voice.mentions for voice in voices)
    return tuple(
        VoiceRow(
            name=one_line(voice.name),
            mentions=words.number(voice.mentions),
            share=words.ratio(voice.mentions, total),
            percent=100 * voice.mentions / total if total else 0.0,
            negative=words.ratio(voice.negative, voice.mentions),
            positive=words.ratio(voice.positive, voice.mentions),
        )
        for voice in voices
    )
