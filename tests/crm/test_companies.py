from dataclasses import replace
from typing import Any

import pytest

from crm.companies import claims
from domain.company import Claim, CompanyBasis, keys_of, name_key, site_key
from domain.mention import Author
from listener.contracts import contract_of

ANA = Author(id="1", handle="ana", name="Ana Ruiz")
BIO, EMAIL, SITE, ACCOUNT = (
    *(CompanyBasis.BIO, CompanyBasis.EMAIL, CompanyBasis.SITE),
    CompanyBasis.ACCOUNT,
)


def said(author: Author, source: str = "x") -> tuple[Claim, ...]:
    return claims(author, contract_of(source))


@pytest.mark.parametrize(
    ("author", "basis", "key"),
    [
        pytest.param({"bio": "CEO at Gutierrez Inc"}, BIO, name_key("Gutierrez Inc"), id="at"),
        pytest.param({"bio": "mum, engineer @gutierrez"}, BIO, name_key("gutierrez"), id="@"),
        pytest.param({"bio": "Head of sales @ Neon Labs"}, BIO, name_key("Neon Labs"), id="of"),
        pytest.param(
            {"bio": "I work for Walker, Meyers and Wang. Views mine"},
            *(BIO, name_key("Walker Meyers & Wang")),
            id="a list of names",
        ),
        pytest.param(
            {"bio": "Geschäftsführerin bei Müller GmbH"},
            *(BIO, name_key("Müller GmbH")),
            id="German",
        ),
        pytest.param({"bio": "Gerente en Café Sol"}, BIO, name_key("cafe sol"), id="Spanish"),
        pytest.param({"bio": "fondatrice chez Lune"}, BIO, name_key("Lune"), id="French"),
        pytest.param(
            {"bio": "Ex teacher, now CEO at Gutierrez"}, BIO, name_key("Gutierrez"), id="now"
        ),
        pytest.param(
            {"bio": "hi@gutierrez.example"}, EMAIL, site_key("gutierrez.example"), id="mail"
        ),
        pytest.param(
            {"url": "https://www.gutierrez.example/me"},
            *(SITE, site_key("gutierrez.example")),
            id="site",
        ),
        pytest.param(
            {"bio": "Official account", "url": "https://gutierrez.example"},
            *(ACCOUNT, site_key("gutierrez.example")),
            id="official, with the site",
        ),
        pytest.param({"name": "Gutierrez Inc."}, ACCOUNT, name_key("Gutierrez Inc"), id="its name"),
    ],
)
def test_an_authors_own_words_name_a_company(
    author: dict[str, Any], basis: CompanyBasis, key: str
) -> None:
    first = said(replace(ANA, **author))[0]
    assert first.basis is basis
    assert key in first.keys


@pytest.mark.parametrize(
    "author",
    [
        pytest.param({"bio": "fan of Neon Labs"}, id="fan"),
        pytest.param({"bio": "ex CEO at Neon Labs"}, id="ex"),
        pytest.param({"bio": "formerly engineer at Neon Labs"}, id="formerly"),
        pytest.param({"bio": "engineer, formerly at Neon Labs"}, id="formerly, between"),
        pytest.param({"bio": "ehemaliger Leiter von Neon Labs"}, id="German, formerly"),
        pytest.param({"bio": "I shop at Neon Labs"}, id="shops there"),
        pytest.param({"bio": "Neon Labs"}, id="the name alone"),
        pytest.param({"name": "Neon Labs"}, id="anybody may be called so"),
        pytest.param({"name": "Neon Labs Inc (parody)"}, id="parody"),
        pytest.param({"name": "Neon Labs Inc", "bio": "unofficial fan page"}, id="unofficial"),
    ],
)
def test_other_words_name_none(author: dict[str, Any]) -> None:
    assert said(replace(ANA, **author)) == ()


def test_where_no_link_is_allowed_no_company_is_either() -> None:
    assert said(replace(ANA, bio="CEO at Gutierrez Inc"), "reddit") == ()


def test_a_company_is_known_with_its_form_and_without() -> None:
    assert keys_of("Gutierrez, S.L.") == [name_key("gutierrezsl"), name_key("gutierrez")]
    assert keys_of("Neon Labs") == [name_key("neonlabs")]
    assert keys_of("!!") == []
