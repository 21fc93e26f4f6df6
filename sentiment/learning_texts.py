"""Gathers the texts that the bundled models learn from: each once, and none that is measured on."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError
from sentiment import corpora, own_posts
from sentiment import folder as model_folder
from sentiment.corpora import Corpus, Example
from sentiment.own_posts import Post
from sentiment.text import overlap_key

log = logging.getLogger(__name__)

QUICK_OF = 8  # where only the way is tried, every 8th post is enough


@dataclass(frozen=True, slots=True)
class Texts:
    """What is learnt from and what is kept aside to calibrate on; no text is in two of them."""

    tweets: Sequence[Example]  # English
    broad: Sequence[Example]  # English, of many kinds
    targets: Sequence[Example]  # English, asked about a name
    balanced: Sequence[Example]  # tones of as many tweets in each language
    others: Sequence[Example]  # the same of more tweets, in some languages
    posts: Sequence[Post]  # our own
    tweets_aside: Sequence[Example]
    broad_aside: Sequence[Example]
    others_aside: Sequence[Example]
    posts_aside: Sequence[Post]  # measured on, too: see `sentiment.gate`
    sources: Sequence[Mapping[str, object]]  # for the record

    def own(self, *languages: str) -> list[Example]:
        """What our own posts in these languages teach; without languages all of them."""
        return own_examples(self.posts, *languages)


def own_examples(posts: Iterable[Post], *languages: str) -> list[Example]:
    """The examples of those of these posts that are in these languages, or in any."""
    return [
        example
        for post in posts
        if not languages or post.language in languages
        for example in own_posts.examples(post)
    ]


def gather(data: Path | None) -> Texts:
    """All sets below `data` and our own posts; without `data` a few of our own stand for all.

    Raises InputError when a set cannot be read.
    """
    posts, posts_aside = own_posts.split(own_posts.read())
    if data is None:
        return _of_posts_alone(posts, posts_aside)
    if not data.is_dir():
        raise InputError(
            f"{data}: there is no such folder; it must hold the sets of sentiment/corpora.py."
        )
    seen = {
        overlap_key(one.text)
        for corpus in (*corpora.MEASURED, *corpora.TARGETED, *corpora.OTHER_LANGUAGES.values())
        for one in corpora.read(data, corpus)
    }
    seen |= {
        overlap_key(one.text)
        for _, corpus in corpora.MORE
        for one in corpora.parts(data, corpus)[1]
    }
    measured = set(seen)
    sources: list[Mapping[str, object]] = []
    kept: dict[str, list[Example]] = {}
    balanced = [corpus for _, corpus in corpora.BALANCED]
    others = [corpus for _, corpus in corpora.MORE]
    for corpus in (corpora.TWEETS, *corpora.BROAD, *balanced, *others):
        examples, _ = corpora.parts(data, corpus)
        kept[corpus.path] = corpora.without_overlap(examples, seen)
        sources.append(_source(data, corpus, len(examples), len(kept[corpus.path])))
    targets = corpora.read(data, corpora.TARGETS)  # one text has several targets: all are kept
    apart = [one for one in targets if overlap_key(one.text) not in measured]
    sources.append(_source(data, corpora.TARGETS, len(targets), len(apart)))
    tweets, tweets_aside = corpora.split(corpora.with_asks(kept[corpora.TWEETS.path]))
    broad, broad_aside = corpora.split(
        corpora.with_asks(one for corpus in corpora.BROAD for one in kept[corpus.path])
    )
    even, even_aside = corpora.split(one for corpus in balanced for one in kept[corpus.path])
    other, other_aside = corpora.split(one for corpus in others for one in kept[corpus.path])
    return Texts(
        tweets,
        broad,
        apart,
        even,
        other,
        posts,
        tweets_aside,
        broad_aside,
        [*even_aside, *other_aside],
        posts_aside,
        sources,
    )


def _of_posts_alone(posts: Sequence[Post], posts_aside: Sequence[Post]) -> Texts:
    posts, posts_aside = posts[::QUICK_OF], posts_aside[::QUICK_OF]
    learnt, aside = own_examples(posts, "en"), own_examples(posts_aside, "en")
    named = [one for one in learnt if one.target]
    return Texts(
        learnt,
        learnt,
        named,
        own_examples(posts),
        (),
        posts,
        aside,
        aside,
        own_examples(posts_aside),
        posts_aside,
        (),
    )


def _source(data: Path, corpus: Corpus, rows: int, used: int) -> Mapping[str, object]:
    log.info("read set=%s rows=%d used=%d", corpus.path, rows, used)
    return {
        "path": corpus.path,
        "sha256": model_folder.digest(data / corpus.path),
        "terms": corpus.terms,
        "rows": rows,
        "used": used,
    }
