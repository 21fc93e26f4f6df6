"""What the exports of survey tools look like."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm.imports.reader import squeeze

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that asks. Columns are compared by their letters and digits, in lower case.

    Of our fields, "kind" says which question a row answers, "state" whether it is a real answer.
    """

    name: str
    marks: tuple[Names, ...]  # all columns of any one of these: the file is this tool's
    columns: Mapping[str, Names]  # id, at, score, email, customer, kind, state: the best first
    nps: frozenset[str] = frozenset({"nps"})  # what "kind" says of the question that counts
    trials: frozenset[str] = frozenset()  # what "state" says of previews and tests
    group_ends: str = ""  # the end of a column's name that tells the group of the answer before it
    system: str = ""  # whose ids stand in "customer"


_TRIALS = ("survey preview", "survey test", "spam", "offline survey preview", "1", "2", "8", "17")

SURVEYMONKEY = Tool(
    name="surveymonkey",
    marks=(("Respondent ID", "Collector ID"),),
    columns={
        "id": ("Respondent ID",),
        "at": ("End Date", "Date Modified", "Start Date"),
        "email": ("Email Address",),
    },
)
TYPEFORM = Tool(
    name="typeform",
    marks=(("#", "Submit Date (UTC)"), ("#", "Start Date (UTC)", "Network ID")),
    columns={
        "id": ("#",),
        "at": ("Submit Date (UTC)", "Start Date (UTC)"),
        "email": ("Email", "email address"),
    },
)
QUALTRICS = Tool(
    name="qualtrics",
    marks=(("StartDate", "EndDate", "ResponseId"),),
    columns={
        "id": ("ResponseId",),
        "at": ("EndDate", "RecordedDate", "StartDate"),
        "email": ("RecipientEmail",),
        "customer": ("ExternalReference", "ExternalDataReference"),
        "state": ("Status",),
    },
    trials=frozenset(map(squeeze, _TRIALS)),
    group_ends="_NPS_GROUP",
)
HUBSPOT = Tool(
    name="hubspot",
    marks=(("hs_survey_type", "hs_value"), ("Survey type", "Value", "Record ID")),
    columns={
        "id": ("hs_object_id", "Record ID", "id", "hs_ingestion_id"),
        "at": ("hs_submission_timestamp", "Date submitted", "Submission timestamp"),
        "score": ("hs_value", "Value"),
        "email": ("hs_contact_email_rollup", "Contact email", "Email"),
        "customer": ("hs_contact_id", "Contact ID", "Associated Contact IDs"),
        "kind": ("hs_survey_type", "Survey type"),
    },
    nps=frozenset({"nps", "netpromoterscore", "netpromoterscorenps", "customerloyalty"}),
    system="hubspot",
)
ASKNICELY = Tool(
    name="asknicely",
    marks=(("response_id", "answer", "responded"),),
    columns={
        "id": ("response_id",),
        "at": ("responded",),
        "score": ("answer",),
        "email": ("email",),
        "kind": ("question_type",),
    },
)
DELIGHTED = Tool(
    name="delighted",
    marks=(("survey_type", "score", "created_at"),),
    columns={
        "id": ("id", "Response ID"),
        "at": ("created_at",),
        "score": ("score",),
        "email": ("person_email", "Email"),
        "kind": ("survey_type",),
    },
    nps=frozenset({"nps", "netpromoterscore"}),
)
OTHER = Tool(
    name="csv",
    marks=(),
    columns={
        "id": ("response_id", "id", "answer_id", "submission_id"),
        "at": (
            *("answered_at", "responded_at", "submitted_at", "completed_at", "created_at"),
            *("timestamp", "date", "submit_date", "end_date"),
        ),
        "score": ("nps", "nps_score", "score"),
        "email": ("email", "e_mail", "email_address", "customer_email"),
        "customer": ("customer_id", "customer"),
    },
)
# In the order in which a header is tried against them.
TOOLS = (SURVEYMONKEY, TYPEFORM, QUALTRICS, HUBSPOT, ASKNICELY, DELIGHTED)


def tool_of(header: list[str]) -> Tool:
    """Whose export has this header; OTHER when no tool's has."""
    names = {_squeezed(name) for name in header}
    for tool in TOOLS:
        if any(names.issuperset(map(_squeezed, mark)) for mark in tool.marks):
            return tool
    return OTHER


def _squeezed(name: str) -> str:
    return squeeze(name) or name.strip()  # "#" has neither letters nor digits


def places(tool: Tool, header: list[str]) -> dict[str, list[int]]:
    """Where each of the tool's fields stands."""
    names = [_squeezed(name) for name in header]
    found = {
        field: [at for one in wanted for at, name in enumerate(names) if name == _squeezed(one)]
        for field, wanted in tool.columns.items()
    }
    return {field: every for field, every in found.items() if every}
