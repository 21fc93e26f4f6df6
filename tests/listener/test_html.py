import time

import pytest

from listener.html import as_text, whole_link


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("plain & simple", "plain & simple", id="no markup"),
        pytest.param("<p>One.</p><p>Two.</p>", "One.\n\nTwo.", id="paragraphs"),
        pytest.param("a<br>b<br/>c<br />d</br>e", "a\nb\nc\nde", id="line breaks"),
        pytest.param("a<br><br><br>b", "a\n\nb", id="one empty line at most"),
        pytest.param("<div>a</div><div>b</div>", "a\nb", id="lines"),
        pytest.param("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc", id="a list"),
        pytest.param("<b>a</b>b <i> c</i>\n\t d", "ab c d", id="spaces as a browser shows them"),
        pytest.param("<pre>a\n  b</pre>", "a\nb", id="lines that are kept"),
        pytest.param("a&nbsp;b", "a\u00a0b", id="a space that does not break"),
        pytest.param("&lt;b&gt; &amp;amp; &#128293;", "<b> &amp; 🔥", id="entities, once"),
        pytest.param('hot <img src="x" alt=":fire:"> tea', "hot :fire: tea", id="custom emoji"),
        pytest.param("a<script>if (a<b) x()</script>b", "ab", id="script"),
        pytest.param("a<style>p{}</style><p hidden>no<p>no</p></p>b", "ab", id="unseen"),
        pytest.param("a<!-- <p>no -->b<!-- open", "ab", id="comments"),
        pytest.param("<!DOCTYPE html><?xml v?><![CDATA[x]]>a", "a", id="declarations"),
        pytest.param("<![foo[x]>a <!ELEMENT b>", "a", id="declarations nobody knows"),
        pytest.param("1 < 2 <3 a<b", "1 < 2 <3 a<b", id="no tags at all"),
        pytest.param("</p></a></pre></x>a<p", "a<p", id="what was never opened"),
        pytest.param("nul\0 &#0;", "nul \ufffd", id="NUL"),
        pytest.param('<p class="quote-inline">RE: x</p><p>a</p>', "a", id="a quote's stand-in"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_reads_html_as_a_browser_shows_it(html: str, text: str) -> None:
    assert as_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param(
            '<a href="https://e.org/a/b"><span class="invisible">https://</span>'
            '<span class="ellipsis">e.org/a</span><span class="invisible">/b</span></a>',
            "https://e.org/a/b",
            id="in parts, as Mastodon does",
        ),
        pytest.param(
            '<a href="https://e.org/long">e.org/lo…</a>.', "https://e.org/long.", id="cut"
        ),
        pytest.param('<a href="http://www.e.org/">e.org</a>', "http://www.e.org/", id="bare"),
        pytest.param('<a href="https://e.org/x">e.org</a>', "e.org", id="another page of it"),
        pytest.param('<a href="https://evil.org">bank.org</a>', "bank.org", id="another site"),
        pytest.param('<a href="https://e.org">read <b>this</b></a>', "read this", id="words"),
        pytest.param('<a href="x">#<span>Acme</span></a>', "#Acme", id="a hashtag"),
        pytest.param('<a href="https://e.org">e.org <a href="y">b', "https://e.org b", id="open"),
    ],
)
def test_a_shortened_link_is_written_whole(html: str, text: str) -> None:
    assert as_text(html) == text


@pytest.mark.parametrize("shown", ["", "…", "...", "e", "https://", "e.org/lo"])
def test_few_words_are_not_taken_for_a_link(shown: str) -> None:
    assert not whole_link(shown, "https://e.org/long")


_OPENED = ("<", "<a ", "<a x=", "<a href='", "</", "<!", "<!--", "<![CDATA[", "&", "&#")
_CLOSED = ("<b>", "</b>", "<script>", "<p hidden>", "<pre> ", "<a href=x>", f"<a {'x=' * 999}>")


@pytest.mark.parametrize("piece", [*_OPENED, *_CLOSED, " ", "\n\n"])
def test_hostile_html_of_a_megabyte_takes_no_time(piece: str) -> None:
    began = time.perf_counter()
    as_text(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - began < 5  # here 0.5 s at most; a naive reader takes minutes
