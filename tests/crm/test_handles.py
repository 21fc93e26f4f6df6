"""Which handle a cell holds, and that what is none never links anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.handles import handles, network, network_of_column
from crm.imports.reader import squeeze


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("x", "x", id="x"),
        pytest.param("Twitter", "x", id="Twitter"),
        pytest.param("twitterhandle", "x", id="HubSpot's property"),
        pytest.param("Twitter Username", "x", id="HubSpot's label"),
        pytest.param("x_handle", "x", id="x_handle"),
        pytest.param("property_hs_linkedin_url", "linkedin", id="HubSpot through a warehouse"),
        pytest.param("LinkedIn_URL__c", "linkedin", id="Salesforce custom field"),
        pytest.param("linked_in_url_c", "linkedin", id="the same through a warehouse"),
        pytest.param("Reddit", "reddit", id="Reddit"),
        pytest.param("bluesky_handle", "bluesky", id="Bluesky"),
        pytest.param("Mastodon Account", "mastodon", id="Mastodon"),
        pytest.param("Instagram profile", "instagram", id="Instagram"),
        pytest.param("facebook_page", "facebook", id="Facebook"),
        pytest.param("Twitter Bio", "", id="a biography"),
        pytest.param("twitter_id", "", id="a number"),
        pytest.param("lid_linked_in_company_id_c", "", id="a company"),
        pytest.param("text", "", id="ends in a network's letter"),
        pytest.param("tax", "", id="so does this"),
    ],
)
def test_a_column_of_handles_is_known_by_its_name(column: str, expected: str) -> None:
    assert network_of_column(squeeze(column)) == expected


@pytest.mark.parametrize(
    ("on", "cell", "expected"),
    [
        pytest.param("x", "@Ana", [("x", "ana")], id="with @"),
        pytest.param("x", "@ ana ", [("x", "ana")], id="a blank after @"),
        pytest.param("x", "\u212aim", [], id="the Kelvin sign"),
        pytest.param("x", "\u0430na", [], id="a Cyrillic a"),
        pytest.param("x", "ana_99", [("x", "ana_99")], id="bare"),
        pytest.param("x", "https://x.com/Ana?lang=en", [("x", "ana")], id="address and query"),
        pytest.param("x", "mobile.twitter.com/ana/", [("x", "ana")], id="address without scheme"),
        pytest.param("x", "https://twitter.com/ana/status/1", [("x", "ana")], id="own post"),
        pytest.param("x", "@ana; @ana_work", [("x", "ana"), ("x", "ana_work")], id="two"),
        pytest.param("reddit", "u/ana", [("reddit", "ana")], id="u/"),
        pytest.param("reddit", "/u/ana", [("reddit", "ana")], id="/u/"),
        pytest.param("reddit", "https://old.reddit.com/user/ana/", [("reddit", "ana")], id="user"),
        pytest.param("bluesky", "@ana.bsky.social", [("bluesky", "ana.bsky.social")], id="domain"),
        pytest.param(
            "bluesky",
            "https://bsky.app/profile/ana.example",
            [("bluesky", "ana.example")],
            id="bsky.app",
        ),
        pytest.param(
            "mastodon", "@ana@social.example", [("mastodon", "ana@social.example")], id="full name"
        ),
        pytest.param(
            "mastodon",
            "https://social.example/@Ana",
            [("mastodon", "ana@social.example")],
            id="a server of its own",
        ),
        pytest.param("linkedin", "in/ana-ruiz", [("linkedin", "ana-ruiz")], id="in/"),
        pytest.param(
            "linkedin",
            "https://de.linkedin.com/in/ana-ruiz-4b/en",
            [("linkedin", "ana-ruiz-4b")],
            id="country",
        ),
        pytest.param("facebook", "fb.com/ana.ruiz", [("facebook", "ana.ruiz")], id="short host"),
        pytest.param(
            "facebook", "https://facebook.com/profile.php?id=42", [("facebook", "42")], id="number"
        ),
        pytest.param("youtube", "https://youtube.com/@Ana", [("youtube", "ana")], id="YouTube"),
        pytest.param(
            "x", "https://www.linkedin.com/in/ana", [("linkedin", "ana")], id="the host decides"
        ),
    ],
)
def test_a_handle_is_read_from_any_spelling(
    on: str, cell: str, expected: list[tuple[str, str]]
) -> None:
    assert list(handles(on, cell)) == expected


@pytest.mark.parametrize(
    ("on", "cell"),
    [
        pytest.param("x", "", id="empty"),
        pytest.param("x", "@", id="@ alone"),
        pytest.param("x", "n/a", id="n/a"),
        pytest.param("x", "None", id="none"),
        pytest.param("x", "-", id="dash"),
        pytest.param("x", "David Wood", id="a display name"),
        pytest.param("x", "ana@mail.example", id="an e-mail"),
        pytest.param("x", "https://x.com/", id="nobody's address"),
        pytest.param("x", "twitter.com", id="the network itself"),
        pytest.param("x", "https://x.com/i/user/12", id="an inner address"),
        pytest.param("x", "https://x.com.evil.example/ana", id="a host that looks like it"),
        pytest.param("x", "https://netflix.com/ana", id="a host that ends like it"),
        pytest.param("x", "https://ana.example/blog", id="her own site"),
        pytest.param("x", "https://[broken/ana", id="no address at all"),
        pytest.param("instagram", "https://instagram.com/p/Cx1/", id="a post"),
        pytest.param("linkedin", "https://linkedin.com/company/acme", id="a company"),
        pytest.param("reddit", "https://reddit.com/r/acme", id="a subreddit"),
    ],
)
def test_what_is_no_handle_gives_none(on: str, cell: str) -> None:
    assert list(handles(on, cell)) == []


@given(on=st.sampled_from(["x", "reddit", "mastodon", "facebook"]), cell=st.text(max_size=40))
def test_any_cell_is_read_and_what_comes_out_reads_as_itself(on: str, cell: str) -> None:
    for found_on, handle in handles(on, cell):
        assert (found_on, handle) in list(handles(found_on, f"@{handle}"))


def test_twitter_and_x_are_one_network() -> None:
    assert network("Twitter") == network("X ") == "x"
    assert network("someforum") == "someforum"
