"""Keeps a build from being shipped in which some kind of post is read worse than before.

Kinds of which few posts are held out are not judged: `too_few` names them.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.sentiment import Label, Sentiment
from sentiment.classifier import Classifier
from sentiment.own_posts import Post
from sentiment.target import places

FEWEST = 15  # posts of a kind: fewer tell nothing
DOUBT = 2.0  # standard errors that a share may fall by, because the posts of a kind are few
SURE = 0.7  # from here "positive" is said without doubt
FAILURES = frozenset({"polite_ticket", "sarcasm", "complaint", "complaint_question"})


@dataclass(frozen=True, slots=True)
class Kind:
    """How well the posts of one kind are read."""

    posts: int
    right: float  # share of the posts whose tone, toward the name where one is, is right
    praised: float  # share that is surely called positive, where the author speaks of a failure


def kinds(classifier: Classifier, posts: Sequence[Post]) -> Mapping[str, Kind]:
    """By kind, of the posts in languages that the classifier reads."""
    read = [one for one in posts if one.language in classifier.languages]
    found = classifier.classify(
        [one.text for one in read],
        [one.language for one in read],
        [places(one.text, *list(one.toward)[:1]) for one in read],
    )
    by_kind: dict[str, list[tuple[Post, Sentiment]]] = defaultdict(list)
    for post, sentiment in zip(read, found, strict=True):
        by_kind[post.kind].append((post, sentiment))
    return {
        kind: Kind(
            len(pairs),
            sum(sentiment.label is _truth(post) for post, sentiment in pairs) / len(pairs),
            sum(sentiment.positive >= SURE for _, sentiment in pairs) / len(pairs)
            if kind in FAILURES
            else 0.0,
        )
        for kind, pairs in sorted(by_kind.items())
    }


def _truth(post: Post) -> Label:
    return next(iter(post.toward.values()), post.tone)


def too_few(found: Mapping[str, Kind]) -> list[str]:
    """The kinds of which too few posts are measured on to tell whether they are read worse."""
    return [f"{kind} ({one.posts})" for kind, one in found.items() if one.posts < FEWEST]


def fallen(before: Mapping[str, Kind], after: Mapping[str, Kind]) -> list[str]:
    """A sentence for each kind that is read worse than before, by more than chance may do."""
    told = []
    for kind, now in after.items():
        then = before.get(kind)
        if then is None or min(now.posts, then.posts) < FEWEST:
            continue
        for what, was, is_now in (
            ("right", then.right, now.right),
            ("not praised", 1 - then.praised, 1 - now.praised),
        ):
            likely = (was * then.posts + 1) / (then.posts + 2)  # never quite 0 or 1: Laplace
            error = math.sqrt(likely * (1 - likely) / now.posts)
            if is_now < was - DOUBT * error:
                told.append(f"{kind}: {is_now:.0%} {what} of {now.posts} posts, {was:.0%} before")
    return told
