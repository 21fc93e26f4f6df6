import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escape import clean, cut, defang, link, measure, mrkdwn, one_line, terminal
from tests.alerts.samples import HOSTILE

ANY_TEXT = st.text(st.characters(codec=None)) | st.sampled_from(HOSTILE)
BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def test_ampersands_are_escaped_before_the_rest() -> None:
    assert mrkdwn("<!channel> & &lt;") == "&lt;!channel&gt; &amp; &amp;lt;"


@given(ANY_TEXT)
def test_escaped_text_reads_back_exactly(text: str) -> None:
    read = mrkdwn(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x00b", "a␀b", id="NUL is shown"),
        pytest.param("a\x1b[2Jb", "a␛[2Jb", id="escape is shown"),
        pytest.param("a\x9bb\x85c", "a\ufffdb\nc", id="C1 is replaced, its newline kept"),
        pytest.param("a\rb\r\nc", "a␍b\nc", id="a lone CR cannot overwrite"),
        pytest.param("\u202egnp.exe\u202c", "gnp.exe", id="bidi override is dropped"),
        pytest.param("pay\u200bp\u200dal\ufeff", "paypal", id="zero width is dropped in words"),
        pytest.param("a\U000e0041\U000e0042b", "ab", id="smuggled tags are dropped"),
        pytest.param("\ud800x\udfff", "\ufffdx\ufffd", id="lone surrogates are replaced"),
        pytest.param("👨‍👩‍👧 ❤️ 👍🏽", "👨‍👩‍👧 ❤️ 👍🏽", id="emoji stay whole"),
        pytest.param("می‌خواهم", "می‌خواهم", id="Persian keeps its joiner"),
        pytest.param("a\u2028b", "a\nb", id="line separator is a newline"),
        pytest.param("\ue0fd\u200d", "\ufffd", id="private use cannot pose as a joiner"),
        pytest.param("tab\tstays", "tab\tstays", id="tab"),
        pytest.param("Zoë, 日本語, עברית, العربية", "Zoë, 日本語, עברית, العربية", id="scripts"),
    ],
)
def test_clean_shows_controls_and_drops_the_invisible(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(ANY_TEXT)
def test_nothing_reaches_a_terminal_that_could_steer_it(text: str) -> None:
    for char in terminal(text):
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs")
        assert char not in BIDI


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_one_line_has_no_line_breaks() -> None:
    assert one_line(" a\n\tb\u2029c  d ") == "a b c d"


@given(ANY_TEXT, st.integers(1, 200))
def test_cut_text_fits_after_escaping(text: str, limit: int) -> None:
    short = cut(clean(text), limit)
    assert measure(short) <= limit
    assert len(mrkdwn(short)) <= limit


def test_cut_counts_an_ampersand_as_five() -> None:
    assert cut("&&&&", 20) == "&&&&"
    assert cut("&&&&&", 20) == "&&&…"


def test_cut_never_splits_an_emoji() -> None:
    family = "👨‍👩‍👧"
    assert cut(family * 3, 12) == f"{family}…"


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        pytest.param("https://evil.com/x", "https[:]//evil[.]com/x", id="address"),
        pytest.param("see evil.com.", "see evil[.]com.", id="bare host"),
        pytest.param("3.14 of 1.000,50 at p 0.91", "3.14 of 1.000,50 at p 0.91", id="numbers stay"),
    ],
)
def test_addresses_are_defanged(text: str, dead: str) -> None:
    assert defang(text) == dead


def test_a_link_cannot_be_broken_out_of() -> None:
    assert link("https://x.com/a&b") == "<https://x.com/a&amp;b|x.com>"


def test_a_link_shows_its_real_host() -> None:
    assert link("https://x.com/a") == "<https://x.com/a|x.com>"
    assert link("http://forum.example:8080/t/1") == (
        "<http://forum.example:8080/t/1|forum.example:8080>"
    )
