"""Answers of surveys from CSV exports; the header tells which tool wrote the file.

Read are the response's id, when it was answered, its score, and whose it is. No comment is.
A file is read twice: first for what only all of its rows tell, then row by row.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from crm.imports import cells, dates
from crm.imports.reader import BadRow, Row, Table, squeeze
from crm.surveys.instants import has_half, instant
from crm.surveys.tools import TOOLS, Tool, places, tool_of
from domain.errors import InputError
from domain.survey import HIGHEST, LOWEST, SurveyAnswer

__all__ = ["TOOLS", "BadRow", "LeftOut", "Survey", "read_answers"]

FIELDS = ("id", "at", "email", "customer")  # that a person may name the column of
MOSTLY = 0.95  # of the answers must be from 0 to 10, or it is another question
_SHOWN = 12  # columns named in an error
_HEADINGS = 2  # rows of further headings there may be, as Qualtrics has
_LOOKED_AT = 2_000  # rows that tell which columns may be the score
_SUSPECT = 30  # answers of which none is above 7: perhaps no scale to 10
_ZIP = b"PK\x03\x04"
_IMPORT_ID = '{"ImportId"'
# "9", "9.0", "Extremely likely - 10", "0 - Not at all likely"
_SCORE = re.compile(r"(?:\D+[-–:] ?)?(-?\d{1,3})(?:[.,]0+)?(?: ?[-–:]\D+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no answer to the question."""

    line: int
    reason: str  # one of few: they are counted


NO_ANSWER = "without an answer"
OTHER_QUESTION = "of another kind of question"
TRIAL = "previews, tests or spam"

Found = SurveyAnswer | BadRow | LeftOut


@dataclass(frozen=True, slots=True)
class Survey:
    """A file that was read. Its rows are read while they are used."""

    tool: str  # the name of who wrote it, "csv" where the header does not tell
    encoding: str
    question: str  # the column of the score, in full
    zone: str  # of clocks of which the file does not say it
    system: str  # whose ids customers have; "" not known
    is_short: bool  # there are 30 answers and none above 7: perhaps it is no scale to 10
    _rows: Callable[[], Iterator[Found]]

    def __iter__(self) -> Iterator[Found]:
        return self._rows()


def read_answers(
    path: Path,
    *,
    tz: ZoneInfo,
    score: str = "",
    columns: Mapping[str, str] | None = None,
    is_zone_given: bool = False,
) -> Survey:
    """The answers of a file, in its order.

    score: the column of the score, or how it begins; "" where the header tells. columns: of FIELDS,
    the columns that hold them. tz: of clocks without a zone, unless the file says another one;
    is_zone_given: it was asked for, so the file is not heard.
    Raises InputError for a file that cannot be read, that lacks a column, or whose score is none.
    """
    _refuse_packed(path)
    table = Table(path)
    tool = tool_of(table.header)
    headings = _headings(table)
    at = places(tool, table.header)
    for name, column in (columns or {}).items():
        at[name] = [_named(table, headings, column)]
    for name in ("id", "at"):
        if name not in at:
            raise InputError(
                f"{path} has no column for {_WORDS[name]}; found: {_listed(table.header)}; name it "
                f"with --map {name}=COLUMN"
            )
    at["score"] = [_score_column(table, tool, headings, at, score)]
    if not is_zone_given:
        tz = headings.zone or _utc_in(table.header[at["at"][0]]) or tz
    file = _File(table, tool, at, headings, tz)
    is_short = file.look()
    return Survey(
        tool=tool.name,
        encoding=table.encoding,
        question=headings.question(at["score"][0]),
        zone=tz.key,
        system=tool.system,
        is_short=is_short,
        _rows=file.rows,
    )


def _refuse_packed(path: Path) -> None:
    """Raises InputError for a spreadsheet or an archive, of which some tools' exports are."""
    with suppress(OSError):  # which the reader tells better
        if path.is_file():
            with path.open("rb") as file:
                if file.read(len(_ZIP)) == _ZIP:
                    raise InputError(
                        f"{path} is a spreadsheet or an archive: unpack it, or save it as CSV"
                    )


_WORDS = {"id": "the response's id", "at": "when it was answered"}


def _utc_in(name: str) -> ZoneInfo | None:
    return ZoneInfo("UTC") if re.search(r"\bUTC\b", name) else None


# --- headings -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Headings:
    """What the rows above the answers say of each column, the header first."""

    rows: list[Sequence[str]]
    lines: set[int] = field(default_factory=set)  # of those below the header
    zone: ZoneInfo | None = None  # of the clocks, where they say it

    def names(self, column: int) -> list[str]:
        """What a column is called: by the header, then by the headings below it."""
        found = [_one_line(row[column]) for row in self.rows if column < len(row)]
        named = [one for one in found if one and not one.startswith(_IMPORT_ID)]
        return named or [f"column {column + 1}"]

    def question(self, column: int) -> str:
        """The most that is said of it: the header, or a heading below it."""
        return max(self.names(column), key=len)


def _headings(table: Table) -> _Headings:
    """Rows below the header that are no answers: SurveyMonkey has one, Qualtrics two."""
    found = _Headings([table.header])
    for number, row in enumerate(table.rows({})):
        if number >= _HEADINGS or not isinstance(row, Row) or not _is_heading(row, table.header):
            break
        found.rows.append(row.cells)
        found.lines.add(row.line)
        for cell in row.cells:
            if cell.startswith(_IMPORT_ID):
                with suppress(ValueError, KeyError, TypeError):
                    found.zone = ZoneInfo(json.loads(cell)["timeZone"])
    return found


def _is_heading(row: Row, header: Sequence[str]) -> bool:
    """Whether it explains the columns: it has ids of import, or no digit where answers have ids."""
    if any(cell.startswith(_IMPORT_ID) for cell in row.cells):
        return True
    tool = tool_of(list(header))
    at = places(tool, list(header))
    told = [row.cells[one] for name in ("id", "at") for one in at.get(name, ())[:1]]
    return len(told) == len(("id", "at")) and not any(map(_has_digit, told)) and any(row.cells)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(_one_line(name)) for name in names[:_SHOWN] if name) + more


# --- which column ---------------------------------------------------------------------------------


def _named(table: Table, headings: _Headings, name: str, group_ends: str = "") -> int:
    """The column of that name, or the only one that begins so. Raises InputError otherwise.

    group_ends: of columns that are not meant unless they are named whole.
    """
    wanted = _one_line(name).casefold()
    called = {at: [one.casefold() for one in headings.names(at)] for at in range(len(table.header))}
    exact = [at for at, names in called.items() if wanted in names]
    begins = [
        at
        for at, names in called.items()
        if any(one.startswith(wanted) for one in names)
        and not (group_ends and table.header[at].endswith(group_ends))
    ]
    found = exact or begins
    if not wanted or not found:
        raise InputError(
            f"{table.path} has no column {name!r}; found: {_listed(_every(table, headings))}"
        )
    if len(found) > 1:
        several = _listed([headings.question(at) for at in found])
        raise InputError(f"{table.path}: {name!r} begins several columns: {several}; write more")
    return found[0]


def _every(table: Table, headings: _Headings) -> list[str]:
    return [headings.question(at) for at in range(len(table.header))]


def _score_column(
    table: Table, tool: Tool, headings: _Headings, at: Mapping[str, Sequence[int]], name: str
) -> int:
    if name:
        return _named(table, headings, name, tool.group_ends)
    if found := at.get("score"):
        return found[0]
    grouped = _before_groups(table.header, tool.group_ends)
    if len(grouped) == 1:
        return grouped[0]
    known = {one for every in at.values() for one in every}
    likely = grouped or [one for one in _likely(table, headings) if one not in known]
    choice = (
        f"likely are: {_listed([headings.question(one) for one in likely])}"
        if likely
        else f"found: {_listed(_every(table, headings))}"
    )
    raise InputError(
        f"{table.path} does not say which column is the answer from 0 to 10: name it with --score, "
        f"its beginning is enough; {choice}"
    )


def _before_groups(header: Sequence[str], ends: str) -> list[int]:
    """The columns that have another one beside them with the group of their answer."""
    if not ends:
        return []
    wanted = {name.removesuffix(ends) for name in header if name.endswith(ends)}
    return [at for at, name in enumerate(header) if name in wanted]


def _likely(table: Table, headings: _Headings) -> list[int]:
    """The columns whose answers are from 0 to 10, nearly all."""
    good: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    for row in _first(table, headings):
        for at, cell in enumerate(row.cells):
            if cells.filled(cell):
                filled[at] += 1
                good[at] += _score(cell) is not None
    return [at for at in sorted(filled) if good[at] >= MOSTLY * filled[at]]


def _first(table: Table, headings: _Headings) -> Iterator[Row]:
    for number, row in enumerate(table.rows({})):
        if number >= _LOOKED_AT:
            return
        if isinstance(row, Row) and row.line not in headings.lines:
            yield row


def _score(cell: str) -> int | None:
    found = _SCORE.fullmatch(cell)
    number = int(found[1]) if found else -1
    return number if LOWEST <= number <= HIGHEST else None


# --- rows -----------------------------------------------------------------------------------------


class _File:
    """The rows of a table as answers."""

    def __init__(
        self,
        table: Table,
        tool: Tool,
        columns: Mapping[str, Sequence[int]],
        headings: _Headings,
        tz: ZoneInfo,
    ) -> None:
        self._table, self._tool, self._columns = table, tool, columns
        self._headings, self._tz = headings, tz
        self._month_first: bool | None = None

    def look(self) -> bool:
        """Learn from all rows how dates are written; whether no answer is above 7 of 30 or more.

        Raises InputError when too few answers are from 0 to 10, or dates could mean two days.
        """
        when: list[str] = []
        answers: Counter[int | None] = Counter()
        for row in self._answered():
            if isinstance(row, Row):
                when.append(row.get("at"))
                answers[_score(row.get("score"))] += 1
        given, good = answers.total(), answers.total() - answers[None]
        if good < MOSTLY * given or not given:
            name = self._headings.question(self._columns["score"][0])
            what = f"only {good} of {given} answers" if given else "no answer"
            raise InputError(
                f"{self._table.path}, column {name!r}: {what} from 0 to 10: name the right column "
                "with --score"
            )
        self._month_first = self._first_is_month(when)
        return good >= _SUSPECT and not any(answers[one] for one in range(8, HIGHEST + 1))

    def _first_is_month(self, when: Sequence[str]) -> bool | None:
        try:
            return dates.month_first(when)
        except ValueError as error:
            if all(map(has_half, when)):
                return True
            name = self._headings.names(self._columns["at"][0])[0]
            raise InputError(f"{self._table.path}, column {name}: {error}") from error

    def rows(self) -> Iterator[Found]:
        for row in self._answered():
            if not isinstance(row, Row):
                yield row
                continue
            try:
                yield self._answer(row)
            except ValueError as error:
                yield BadRow(row.line, str(error))

    def _answered(self) -> Iterator[Row | BadRow | LeftOut]:
        """Rows with an answer to the question, bad ones, and what is left out."""
        for row in self._table.rows(self._columns):
            if row.line in self._headings.lines:
                continue
            if isinstance(row, Row) and (reason := self._left_out(row)):
                yield LeftOut(row.line, reason)
            else:
                yield row

    def _left_out(self, row: Row) -> str:
        if "kind" in self._columns and squeeze(row.get("kind")) not in self._tool.nps:
            return OTHER_QUESTION
        if squeeze(row.get("state")) in self._tool.trials:
            return TRIAL
        return "" if row.get("score") else NO_ANSWER

    def _answer(self, row: Row) -> SurveyAnswer:
        response_id = cells.identifier(row.get("id"))
        if not response_id:
            raise ValueError("has no response id")
        if not row.get("at"):
            raise ValueError("does not say when it was answered")
        score = _score(row.get("score"))
        if score is None:
            raise ValueError(f"{cells.quoted(row.get('score'))} is no answer from 0 to 10")
        emails = cells.addresses(row.get("email"))
        return SurveyAnswer(
            response_id=response_id,
            answered_at=instant(row.get("at"), self._tz, month_first=self._month_first),
            score=score,
            email=emails[0] if emails else "",
            customer=cells.identifier(row.get("customer").split(";")[0].strip()),
            line=row.line,
        )
