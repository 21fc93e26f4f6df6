from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.draft_templates import TemplateSettings
from alerts.drafts import Draft, draft_message, fitting
from alerts.slack.blocks import slack_blocks
from domain.answer_length import length
from tests.alerts import slack_oracle
from tests.alerts.samples import GOLD, HOSTILE, triaged


def template(**changes: Any) -> TemplateSettings:  # noqa: ANN401 - of any key
    return TemplateSettings(**{"name": "sorry", "text": "Hi {name}, {brand} is sorry."} | changes)


def drafted(*templates: TemplateSettings, rule: str = "negative", **changes: Any) -> Draft | None:  # noqa: ANN401 - of any field
    return fitting(templates, triaged(**changes), rule)


def text_of(text: str, **changes: Any) -> str | None:  # noqa: ANN401 - of any field
    made = drafted(template(text=text), **changes)
    return made.text if made else None


def test_a_draft_says_who_is_meant_and_for_whom() -> None:
    assert text_of("Hi {name} (@{handle}), {brand} here.") == "Hi Ana Ruiz (@ana), Acme here."


@pytest.mark.parametrize(
    ("condition", "fits", "does_not"),
    [
        pytest.param({"lang": "de"}, {"lang": "de"}, {"lang": "en"}, id="language"),
        pytest.param({"lang": "de"}, {"lang": "de-AT"}, {"lang": None}, id="no language"),
        pytest.param({"lang": "fi"}, {"lang": "FI"}, {"lang": "fil"}, id="three letters"),
        pytest.param({"rules": ["VIP"]}, {"rule": "vip"}, {"rule": "negative"}, id="rule"),
        pytest.param({"tiers": ["Gold"]}, {"customer": GOLD}, {"customer": None}, id="tier"),
    ],
)
def test_each_condition_that_is_set_must_hold(
    condition: dict[str, Any], fits: dict[str, Any], does_not: dict[str, Any]
) -> None:
    assert drafted(template(**condition), **fits) is not None
    assert drafted(template(**condition), **does_not) is None
    assert drafted(template(), **does_not) is not None


def test_the_first_that_fits_is_taken() -> None:
    first = template(name="german", lang="de")
    second, third = template(name="any"), template(name="never")

    made = drafted(first, second, third, lang="en")

    assert made is not None
    assert made.template == "any"


@pytest.mark.parametrize(
    ("shown", "called"),
    [
        pytest.param("Ana Ruiz", "Ana Ruiz", id="a name"),
        pytest.param("Jean-Luc O’Neil, Jr.", "Jean-Luc O’Neil, Jr.", id="an unusual name"),
        pytest.param("Łukasz Żółć", "Łukasz Żółć", id="other letters"),
        pytest.param("", "ana", id="none"),
        pytest.param("Buy at evil.example/now", "ana", id="an address"),
        pytest.param("@everyone", "ana", id="another's handle"),
        pytest.param("call 2025550143", "ana", id="a number"),
        pytest.param("{brand}", "ana", id="a placeholder"),
        pytest.param("Ana\n\nand worse", "Ana and worse", id="lines"),
        pytest.param("A" * 41, "ana", id="too long"),
        pytest.param("\u202eAna", "Ana", id="turned around"),
    ],
)
def test_the_brand_calls_nobody_what_is_no_plain_name(shown: str, called: str) -> None:
    assert text_of("Hi {name}!", author_name=shown) == f"Hi {called}!"


def test_a_template_that_names_the_author_fits_nobody_without_a_name() -> None:
    nobody: dict[str, Any] = {"author_name": "", "author_handle": ""}

    assert text_of("Hi {name}!", **nobody) is None
    assert text_of("Hi @{handle}!", **nobody) is None
    assert text_of("Hello from {brand}!", **nobody) == "Hello from Acme!"


@given(st.text(), st.text())
def test_what_an_author_is_called_fills_no_placeholder_and_nothing_else(
    name: str, handle: str
) -> None:
    made = text_of("[{name}|{handle}]", author_name=name, author_handle=handle)

    assert made is None or ("{" not in made and "\n" not in made and "/" not in made)


@pytest.mark.parametrize("word", ["tier", "customer", "value", "first_name", "", "0", "name!r"])
def test_a_placeholder_that_there_is_not_is_refused_by_name(word: str) -> None:
    with pytest.raises(ValidationError) as caught:
        template(text=f"Hi {{{word}}}")

    assert f"holds {{{word}}}: a public text takes {{handle}}, {{name}} and {{brand}}" in str(
        caught.value
    )


def test_nothing_of_the_crm_gets_into_a_draft() -> None:
    secret = replace(GOLD, name="Zzz Zzz", tier="platinum", revenue_12m=4711.0, basis="Qqq")
    made = drafted(template(text="{name} {handle} {brand}", tiers=["platinum"]), customer=secret)

    assert made is not None
    message = str(draft_message(3, made, ()))
    for word in ("Zzz", "platinum", "4711", "4,711", "Qqq"):
        assert word not in message


# --- how long it may be -----------------------------------------------------------------------


def test_a_draft_that_is_too_long_says_so_first() -> None:
    made = drafted(template(text="a" * 300), source="x")

    assert made is not None
    assert made.note().startswith("20 characters too long for X, which takes 280. Draft “sorry”")


@pytest.mark.parametrize("source", ["x", "rss"])
def test_one_that_fits_or_has_no_limit_says_nothing_of_its_length(source: str) -> None:
    made = drafted(template(text="a" * 280), source=source)

    assert made is not None
    assert "too long" not in made.note()


def test_it_is_measured_with_the_name_in_it() -> None:
    made = drafted(template(text="Hi {name}! " + "a" * 270), source="x", author_name="Ana Ruiz")

    assert made is not None
    assert made.length == length("x", made.text) == len("Hi Ana Ruiz! ") + 270


# --- how it looks -----------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_never_live_in_slack(hostile: str) -> None:
    made = Draft(hostile, f"Hi {hostile}", source=hostile, length=300, most=280)

    text, blocks = slack_blocks(draft_message(3, made, ()))

    sent = {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    assert slack_oracle.violations(sent) == []
    assert slack_oracle.tokens(sent) == []
    assert slack_oracle.addresses(sent) == []


def test_the_draft_stands_alone_and_first_so_that_it_can_be_copied() -> None:
    made = drafted(template(text="One line.\n\nAnother, *as it is*."))
    _, blocks = slack_blocks(draft_message(3, made, ()))

    [section] = blocks[0]["elements"]
    assert [one["text"] for one in section["elements"]] == ["One line.\n\nAnother, *as it is*."]
    assert [block["type"] for block in blocks[1:]] == ["context"]


def test_where_no_template_fits_any_more_the_message_says_so() -> None:
    assert "No template fits" in draft_message(3, None, ()).summary
