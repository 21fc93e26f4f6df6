import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address import Address, read


def url_of(address: Address | None) -> str | None:
    return address.url if address else None


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/ana/status/1849",
        "https://www.reddit.com/r/acme/comments/a1/it_broke/?sort=new#top",
        "https://news.ycombinator.com/item?id=1&p=2",
        "http://forum.example:8080/t/5/3",
        "https://[2001:db8::1]:8443/t/5",
        "https://xn--mller-kva.example/t/5",
    ],
)
def test_an_ordinary_address_stays_as_it_is(url: str) -> None:
    assert url_of(read(url)) == url


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        pytest.param(" https://X.com/a ", "https://x.com/a", id="blanks and capitals"),
        pytest.param("https://x.com:443/a", "https://x.com/a", id="the usual port"),
        pytest.param("HTTPS://x.com/a", "https://x.com/a", id="scheme in capitals"),
        pytest.param(
            "https://x.com/a|b>c<d\"e'f g", "https://x.com/a%7Cb%3Ec%3Cd%22e'f%20g", id="markup"
        ),
        pytest.param("https://x.com/%7Ca", "https://x.com/%7Ca", id="escaped already"),
        pytest.param("https://x.com/ü", "https://x.com/%C3%BC", id="other letters"),
        pytest.param(
            "https://müller.example/t/5", "https://xn--mller-kva.example/t/5", id="a host in them"
        ),
    ],
)
def test_it_is_given_in_the_form_that_breaks_out_of_no_link(url: str, safe: str) -> None:
    assert url_of(read(url)) == safe


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("x.com/a", id="no scheme"),
        pytest.param("//x.com/a", id="scheme of the page"),
        pytest.param("https:///path", id="no host"),
        pytest.param("ftp://x.com/a", id="another scheme"),
        pytest.param("javascript:alert(1)//https://x.com/", id="script"),
        pytest.param("data:text/html,<script>", id="data"),
        pytest.param("https://x.com@evil.example/", id="user info"),
        pytest.param("https://@x.com/", id="empty user info"),
        pytest.param("https://evil.example\\@x.com/", id="backslash"),
        pytest.param("https://x.com:99999/", id="impossible port"),
        pytest.param("https://x.com:a/", id="a port that is no number"),
        pytest.param("https://[x.com/", id="broken brackets"),
        pytest.param('https://x.com"onmouseover="x/', id="quote in the host"),
        pytest.param("https://.x.com/a", id="a label left out"),
        pytest.param("https://x..com/a", id="a label left out within"),
        pytest.param("https://*.x.com/a", id="a pattern"),
        pytest.param("https://x.com%2eevil.example/", id="escapes in the host"),
        pytest.param("https://\uff58.com/a", id="full-width letters"),
        pytest.param("https://x.com\n.evil.example/", id="newline"),
        pytest.param("https://x.com/\ta", id="tab"),
        pytest.param("https://x.com/\x00a", id="NUL"),
        pytest.param("https://x.com/\u202ea", id="bidi"),
        pytest.param("https://x.com/\u200ba", id="zero width"),
        pytest.param("https://x.com/a\ufe00", id="variation selector"),
        pytest.param("https://x.com/a\U000e0041", id="smuggled tag"),
        pytest.param("https://x.com/a\ud800", id="half a character"),
        pytest.param("https://x.com/" + "a" * 3_000, id="too long"),
    ],
)
def test_what_pretends_is_no_address(url: str) -> None:
    assert read(url) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param("https://\u0445.com/a", "xn--u1a.com", id="Cyrillic"),
        pytest.param("https://x.com.:443/", "x.com.", id="trailing dot"),
        pytest.param("https://x.com.evil.example/", "x.com.evil.example", id="suffix"),
        pytest.param("https://evil.example#@x.com/", "evil.example", id="behind a fragment"),
        pytest.param("https://evil.example?@x.com/", "evil.example", id="behind a query"),
    ],
)
def test_a_look_alike_is_read_as_the_host_it_is(url: str, host: str) -> None:
    found = read(url)
    assert found is not None
    assert found.origin.host == host


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_it_is_it_reads_back_as_itself_in_visible_ascii(host: str, path: str) -> None:
    for url in (f"https://{host}/{path}", f"http://x.com/{path}", path):
        found = read(url)
        if found is not None:
            assert read(found.url) == found
            assert found.url.isascii()
            assert found.url.isprintable()
            assert not set(found.url) & set('<>|"\\` ')
