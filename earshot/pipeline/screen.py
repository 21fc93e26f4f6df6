"""Screens each listing once, before it is scored: hides noise, finds copies of stories."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.listing import Role
from domain.noise import Noise, Taught, Why
from earshot.core.app import App
from listener import noise as rules
from listener.contracts import contract_of
from listener.noise import Earlier
from listener.stories import StoryText, marks, name_of, same_story, words_of
from storage import noise, stories
from storage.listings import Work
from storage.noise import Key, Screened
from storage.stories import StoredText

EDITED = Noise(Why.EDITED, "edited: no longer names the brand")


def screen(app: App, works: Sequence[Work], *, now: datetime) -> list[Work]:
    """Hide what is noise, assign copies to stories; return what is left to be scored.

    What a person decided stays, and what was screened before is not screened again.
    """
    with app.database.read() as session:
        screened = noise.screened(session, works)
        fresh = [one for one in screened if one.fresh]
        earlier = _earlier(session, fresh) if app.config.noise.spam else {}
        taught = _taught(session, app, fresh)
    edited = {_key(one): EDITED for one in fresh if one.formerly}
    found = edited | dict(_noise(app, [one for one in fresh if not one.formerly], earlier))
    found |= _irrelevant(app, [one for one in fresh if _key(one) not in found], taught)
    with app.database.begin() as session:
        stories.assign(session, _marked(fresh), _same, now=now)
        noise.settle(session, [one.work for one in fresh], found)
        noise.finish(session, [one.work for one in screened if one.hidden])
    return [one.work for one in screened if not one.hidden and _key(one) not in found]


def _key(one: Screened) -> Key:
    return one.work.mention_id, one.work.brand


# --- stories ------------------------------------------------------------------------------------


def _marked(screened: Sequence[Screened]) -> dict[int, list[int]]:
    return {
        one.work.mention_id: marks(
            StoryText(
                one.mention.source,
                name_of(one.mention.author.handle if one.mention.author else ""),
                words_of(one.mention.text),
                one.mention.published_at,
            )
        )
        for one in screened
    }


def _same(first: StoredText, other: StoredText) -> bool:
    return same_story(_story_text(first), _story_text(other))


def _story_text(text: StoredText) -> StoryText:
    return StoryText(text.source, name_of(text.handle), words_of(text.text), text.at)


# --- lists, languages and signs of spam ---------------------------------------------------------


def _earlier(session: Session, screened: Sequence[Screened]) -> dict[Key, list[Earlier]]:
    """What each listing's author had written before it."""
    by_author = [(one, one.work.author_id) for one in screened if one.work.author_id is not None]
    if not by_author:
        return {}
    times = [one.mention.published_at for one, _ in by_author]
    posts = noise.earlier(
        session,
        {author_id for _, author_id in by_author},
        since=min(times) - rules.REPEATED_WITHIN,
        until=max(times),
    )
    read = {
        author_id: [(post.at, post.mention_id, words_of(post.text)) for post in written]
        for author_id, written in posts.items()
    }
    return {
        _key(one): [
            Earlier(at, words)
            for at, mention_id, words in read[author_id]
            if (at, mention_id) < (one.mention.published_at, one.work.mention_id)
        ]
        for one, author_id in by_author
    }


def _noise(
    app: App, screened: Sequence[Screened], earlier: Mapping[Key, Sequence[Earlier]]
) -> Iterator[tuple[Key, Noise]]:
    for one in screened:
        if rules.is_allowed(one.mention, app.config.noise):
            continue
        found = rules.listed(one.mention, app.config.noise) or _foreign(app, one)
        if found is None and app.config.noise.spam:
            found = rules.spam(one.mention, earlier.get(_key(one), ()))
        if found is not None:
            yield _key(one), found


def _foreign(app: App, one: Screened) -> Noise | None:
    """Written in a language it is not heard in: stated by the source, else detected.

    A competitor is heard in those of its brands.
    """
    languages = (it.languages for it in app.config.tracked if it.name == one.work.brand)
    spoken = next(languages, ())
    if not spoken:
        return None
    stated = one.mention.lang
    heard = stated or app.detector.hear(one.mention.text, spoken).foreign
    if not heard or heard in spoken:
        return None
    who = "its source says" if stated else "it reads like"
    return Noise(Why.LANGUAGE, f"{who} language {heard}, the brand has {', '.join(spoken)}")


# --- relevance ----------------------------------------------------------------------------------


def _taught(session: Session, app: App, screened: Sequence[Screened]) -> dict[str, Taught]:
    """What has been taught of each brand among these."""
    names = {one.work.brand for one in screened if one.work.role is Role.BRAND}
    return {
        brand.name: Taught(
            (*brand.relevant, *noise.lessons(session, brand.name, relevant=True)),
            (*brand.irrelevant, *noise.lessons(session, brand.name, relevant=False)),
        )
        for brand in app.config.brands
        if brand.name in names
    }


def _irrelevant(
    app: App, screened: Sequence[Screened], taught: Mapping[str, Taught]
) -> dict[Key, Noise]:
    found: dict[Key, Noise] = {}
    for brand, lessons in taught.items():
        mine = [
            one
            for one in screened
            if one.work.brand == brand
            and contract_of(one.work.source).may_derive
            and not rules.is_allowed(one.mention, app.config.noise)
        ]
        if not lessons.enough or not mine:
            continue  # the encoder is not even loaded
        judged = app.relevance.judge(brand, lessons, [one.mention.text for one in mine])
        found |= {_key(one): why for one, why in zip(mine, judged, strict=True) if why is not None}
    return found
