"""Every table. Indexes say which query reads them; unique keys decide what may exist twice.

Which rows a partial index holds is said for SQLite alone. PostgreSQL's hold the same ones, as the
migrations make them: to say it here would load its dialect in every command, a twentieth of a list.
"""

from storage.tables.base import Base
from storage.tables.companies import AuthorCompanyRow, CompanyRow
from storage.tables.crm_sync import CrmCursorRow, CrmRecordRow, WriteBackRow
from storage.tables.customers import (
    AuthorKeyRow,
    CustomerKeyRow,
    CustomerRow,
    EmailRow,
    HandleRow,
    LinkJudgementRow,
    LinkRow,
    OrderRow,
)
from storage.tables.incidents import (
    LIVE,
    MOVED,
    PENDING,
    ClockRow,
    EscalationStepRow,
    IncidentEventRow,
    IncidentMentionRow,
    IncidentRow,
)
from storage.tables.labels import LabelDrawRow, LabelPostRow
from storage.tables.mentions import (
    BUYING,
    DOUBTED,
    HIDDEN,
    NOT_SHOWN,
    OWN,
    SHOWN,
    UNFINISHED,
    WAITS,
    AuthorRow,
    CorrectionRow,
    LessonRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
    StoryMarkRow,
    UnlistedEditRow,
)
from storage.tables.mutes import MuteIncidentRow, MuteRow
from storage.tables.order_numbers import (
    MentionOrderRow,
    MentionUnreadRow,
    OrderNumberRow,
    OrderShapeRow,
)
from storage.tables.outbox import DOUBT, STALE, WAITING, OutboxRow, WorkerRow
from storage.tables.people import (
    DecidedRecordRow,
    FormerEmailRow,
    MergeRow,
    PersonDecisionRow,
    PhoneRow,
    TagRow,
)
from storage.tables.presses import SlackPressRow
from storage.tables.settings import SettingRow
from storage.tables.snapshots import NetworkCountRow, SnapshotRow, SnapshotVoicesRow
from storage.tables.sources import (
    CoverageRow,
    CursorRow,
    GapRow,
    HearingRow,
    PaidReadRow,
    SourceStateRow,
    SpendRow,
)
from storage.tables.surveys import SurveyAnswerRow
from storage.tables.valuations import CurrencyValueRow, ShopValuationRow, ValuationRow

__all__ = [
    "BUYING",
    "DOUBT",
    "DOUBTED",
    "HIDDEN",
    "LIVE",
    "MOVED",
    "NOT_SHOWN",
    "OWN",
    "PENDING",
    "SHOWN",
    "STALE",
    "UNFINISHED",
    "WAITING",
    "WAITS",
    "AuthorCompanyRow",
    "AuthorKeyRow",
    "AuthorRow",
    "Base",
    "ClockRow",
    "CompanyRow",
    "CorrectionRow",
    "CoverageRow",
    "CrmCursorRow",
    "CrmRecordRow",
    "CurrencyValueRow",
    "CursorRow",
    "CustomerKeyRow",
    "CustomerRow",
    "DecidedRecordRow",
    "EmailRow",
    "EscalationStepRow",
    "FormerEmailRow",
    "GapRow",
    "HandleRow",
    "HearingRow",
    "IncidentEventRow",
    "IncidentMentionRow",
    "IncidentRow",
    "LabelDrawRow",
    "LabelPostRow",
    "LessonRow",
    "LinkJudgementRow",
    "LinkRow",
    "MentionBrandRow",
    "MentionOrderRow",
    "MentionRow",
    "MentionUnreadRow",
    "MergeRow",
    "MuteIncidentRow",
    "MuteRow",
    "NetworkCountRow",
    "OrderNumberRow",
    "OrderRow",
    "OrderShapeRow",
    "OutboxRow",
    "PaidReadRow",
    "PersonDecisionRow",
    "PhoneRow",
    "ScoreRow",
    "SettingRow",
    "ShopValuationRow",
    "SlackPressRow",
    "SnapshotRow",
    "SnapshotVoicesRow",
    "SourceStateRow",
    "SpendRow",
    "StoryMarkRow",
    "SurveyAnswerRow",
    "TagRow",
    "UnlistedEditRow",
    "ValuationRow",
    "WorkerRow",
    "WriteBackRow",
]
