"""Small queries of every form, and texts of the same few words."""

from hypothesis import strategies as st

from listener.query import Facts

WORDS = st.sampled_from(["acme", "apex", "kettle", "jobs", "red", "pot"])
TERMS = st.one_of(
    WORDS,
    st.lists(WORDS, min_size=2, max_size=3).map(lambda some: f'"{" ".join(some)}"'),
    WORDS.map(lambda word: f"{word[:2]}*"),
    st.tuples(WORDS, st.integers(0, 3), WORDS).map(
        lambda two: f"({two[0]} NEAR/{two[1]} {two[2]})"
    ),
)
FACTS = Facts(source="x", handle="ana", lang="en")
FIELDS = st.sampled_from(
    ["author:ana", "author:bob", "lang:en", "lang:de", "source:x", "source:reddit", "has:link"]
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' OR '.join(some)})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} -{two[1]})"),
        st.tuples(inner, FIELDS).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, FIELDS).map(lambda two: f"({two[0]} -{two[1]})"),
        st.tuples(inner, inner, FIELDS).map(lambda three: "({} ({} OR {}))".format(*three)),
    ),
    max_leaves=8,
)
TEXTS = st.lists(WORDS | st.just("and"), max_size=8).map(" ".join)
