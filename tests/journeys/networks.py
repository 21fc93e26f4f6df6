"""The networks as they answer: X searches and pages like the real one, Reddit lists."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from domain.clock import iso, parse_instant
from tests.net.replay import Answer, Asked

Post = dict[str, Any]
EPOCH_MS = 1_288_834_974_657  # X's ids begin with the milliseconds since then


def x_id(at: datetime, number: int = 0) -> str:
    """An id as X gives it: later posts have greater ones."""
    return str((int(at.timestamp() * 1000) - EPOCH_MS << 22) + number)


def x_post(at: datetime, text: str, author: str, *, number: int = 0, **more: object) -> Post:
    """A post by the user whose id is `author`."""
    post_id = x_id(at, number)
    return {
        "id": post_id,
        "text": text,
        "author_id": author,
        "conversation_id": post_id,
        "created_at": f"{iso(at)}".replace("Z", ".000Z"),
        "edit_history_tweet_ids": [post_id],
        "lang": "en",
        "public_metrics": {
            "retweet_count": 0,
            "reply_count": 1,
            "like_count": 2,
            "quote_count": 0,
            "impression_count": 90,
        },
        **more,
    }


def x_reply(at: datetime, text: str, author: str, *, to: Post) -> Post:
    return x_post(
        at,
        text,
        author,
        conversation_id=to["conversation_id"],
        in_reply_to_user_id=to["author_id"],
        referenced_tweets=[{"type": "replied_to", "id": to["id"]}],
    )


def x_user(user_id: str, username: str, followers: int = 50) -> Post:
    return {
        "id": user_id,
        "username": username,
        "name": username.title(),
        "description": "",
        "created_at": "2019-05-01T10:00:00.000Z",
        "public_metrics": {"followers_count": followers, "following_count": 3, "tweet_count": 9},
    }


class XNetwork:
    """Recent search over the posts it holds: newest first, page by page, by time and by id."""

    def __init__(self, *, per_page: int = 100, wait: Callable[[], object] = lambda: None) -> None:
        self.posts: list[Post] = []
        self.users: dict[str, Post] = {}
        self.searches = 0
        self._per_page = per_page
        self._wait = wait  # before each answer

    def answer(self, asked: Asked) -> Answer:
        """What searching and counting give; nothing for queries that are not about Acme."""
        self._wait()
        if asked.path == "/2/tweets/counts/recent":
            start = parse_instant(asked.query["start_time"])
            day = {"start": iso(start), "end": iso(start + timedelta(days=1)), "tweet_count": 0}
            total = {"total_tweet_count": len(self.posts)}
            return Answer({"data": [day], "meta": total})
        self.searches += 1
        if "acme" not in asked.query["query"].lower():
            return Answer({"meta": {"result_count": 0}})
        since = parse_instant(asked.query["start_time"])
        until_id = int(asked.query.get("until_id", "0"))
        found = [
            post
            for post in sorted(self.posts, key=lambda one: int(one["id"]), reverse=True)
            if parse_instant(post["created_at"]) >= since
            and (not until_id or int(post["id"]) < until_id)
        ]
        # A bookmark is a place in the timeline: what is posted meanwhile does not move it.
        below = int(asked.query.get("next_token", "0").removeprefix("b"))
        found = [post for post in found if not below or int(post["id"]) < below]
        return self._page(found[: self._per_page], more=len(found) > self._per_page)

    def _page(self, posts: list[Post], *, more: bool) -> Answer:
        if not posts:
            return Answer({"meta": {"result_count": 0}})
        meta = {
            "newest_id": posts[0]["id"],
            "oldest_id": posts[-1]["id"],
            "result_count": len(posts),
        } | ({"next_token": f"b{posts[-1]['id']}"} if more else {})
        authors = {post["author_id"] for post in posts}
        users = [user for user_id, user in self.users.items() if user_id in authors]
        return Answer({"data": posts, "includes": {"users": users}, "meta": meta})


class RedditNetwork:
    """A token, one page of search, and what an account has written."""

    def __init__(self) -> None:
        self.submissions: list[Post] = []
        self.comments: dict[str, list[Post]] = {}  # by account

    def answer(self, asked: Asked) -> Answer:
        path = urlsplit(asked.path).path
        if path.endswith("/access_token"):
            token = {"access_token": "invented", "token_type": "bearer", "expires_in": 3600}
            return Answer({**token, "scope": "*"})
        if path.startswith("/user/"):
            return _listing(self.comments.get(path.split("/")[2], []))
        wanted = asked.query.get("q", "").lower()
        return _listing(self.submissions if "acme" in wanted else [])


def submission(at: datetime, name: str, title: str, body: str, author: str) -> Post:
    return {
        "kind": "t3",
        "data": {
            "id": name,
            "name": f"t3_{name}",
            "title": title,
            "selftext": body,
            "author": author,
            "author_fullname": f"t2_{author}",
            "subreddit": "tea",
            "score": 12,
            "num_comments": 1,
            "created_utc": at.timestamp(),
            "permalink": f"/r/tea/comments/{name}/some_words/",
        },
    }


def comment(at: datetime, name: str, body: str, author: str, *, under: str) -> Post:
    return {
        "kind": "t1",
        "data": {
            "id": name,
            "name": f"t1_{name}",
            "body": body,
            "author": author,
            "author_fullname": f"t2_{author}",
            "link_id": f"t3_{under}",
            "parent_id": f"t3_{under}",
            "score": 1,
            "created_utc": at.timestamp(),
            "permalink": f"/r/tea/comments/{under}/some_words/{name}/",
        },
    }


def _listing(things: list[Post]) -> Answer:
    newest_first = sorted(things, key=lambda one: one["data"]["created_utc"], reverse=True)
    return Answer({"kind": "Listing", "data": {"after": None, "children": newest_first}})


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
