"""Which company authors say to be at, of those that customers have: for people to know, no more.

It joins nobody to a customer and changes no value, tier or severity.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from crm.companies import claims
from earshot.core.app import App
from listener.contracts import contract_of
from storage import companies, links
from storage.companies import AuthorCompany
from storage.tables import AuthorRow


def of(session: Session, authors: Iterable[AuthorRow]) -> dict[int, AuthorCompany]:
    """The company of each of these authors, by our id; those who name none that we know are not."""
    said = {row.id: claims(links.author_of(row), contract_of(row.source)) for row in authors}
    return companies.of(session, said)


def refresh(app: App) -> None:
    """Know today's companies of customers, where an import has changed them."""
    with app.database.begin() as session:
        companies.refresh(session)
