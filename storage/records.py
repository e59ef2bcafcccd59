"""The values that the stages pass on to each other. Frozen, and standard library only.

Times are aware UTC and end in `_at`; dates end in `_on` (`event_date` keeps its public name).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class DocumentKind(StrEnum):
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    TEXT = "text"


class Zone(StrEnum):
    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


class Instrument(StrEnum):
    TREATY = "treaty"
    AGREEMENT = "agreement"
    MEMORANDUM = "memorandum_of_understanding"
    DECLARATION = "declaration"
    PROTOCOL = "protocol"
    ACTION_PLAN = "action_plan"
    PARTNERSHIP = "partnership"
    ARRANGEMENT = "arrangement"
    OTHER = "other"


class Topic(StrEnum):
    READMISSION = "readmission_returns"
    BORDER = "border_control"
    TRAFFICKING = "trafficking_smuggling"
    LABOUR = "labour_mobility"
    VISA = "visa"
    ASYLUM = "asylum_protection"
    DEVELOPMENT = "development_root_causes"
    OTHER = "other"


class Status(StrEnum):
    PROPOSED = "proposed"
    NEGOTIATING = "negotiating"
    CONCLUDED = "concluded_not_signed"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in_force"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    REJECTED = "rejected"


class TextState(StrEnum):
    """Whether the text of a signed agreement is published (`crawler.ingest.vouching`)."""

    PUBLISHED = "published"  # a document is the text, or is its page in a treaty series
    MISSING = "missing"  # it was signed, and no text was found


class NewsKind(StrEnum):
    NEW_AGREEMENT = "new_agreement"
    NEW_STEP = "new_step"
    NEW_REPORT = "new_report"
    CHANGED_DOCUMENT = "changed_document"
    # Found by a rule outside the register; only subscriptions that name the rule get it.
    NEW_DOCUMENT = "new_document"
    NEAR_MISS = "near_miss"
    SOURCE_HEALTH = "source_health"


class Grade(StrEnum):
    """How far an entry can be relied on, the surest first (`crawler.register.grade`)."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNCONFIRMED = "unconfirmed"


class GradeBasis(StrEnum):
    """Why an entry has its grade: those of the surest grade first."""

    PERSON = "person"  # by a person's decision
    OFFICIAL = "official"  # an official source reports it, or its published text
    LISTED = "listed"  # no report: it is known from lists of agreements alone
    READER = "reader"  # a second reader answered yes, with a sentence of the text
    OUTLETS = "outlets"  # independent outlets report it, and the judge is sure of one report
    SEVERAL = "several"  # independent outlets report it, and the judge is sure of none
    SINGLE = "single"  # one outlet reports it
    DOUBTFUL = "doubtful"  # one outlet does, and the judge is not sure of its report


GRADE_OF = {
    GradeBasis.PERSON: Grade.CONFIRMED,
    GradeBasis.OFFICIAL: Grade.CONFIRMED,
    GradeBasis.LISTED: Grade.CONFIRMED,
    GradeBasis.READER: Grade.LIKELY,
    GradeBasis.OUTLETS: Grade.LIKELY,
    GradeBasis.SEVERAL: Grade.UNCONFIRMED,
    GradeBasis.SINGLE: Grade.UNCONFIRMED,
    GradeBasis.DOUBTFUL: Grade.UNCONFIRMED,
}


class DateBasis(StrEnum):
    TEXT = "text"
    PUBLISHED = "published"


# --- collecting -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that a source offers; `summary` is its text beside the headline."""

    url: str
    title: str | None = None
    published_on: date | None = None
    language: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The raw bytes of one answer; `final_url` is where redirects ended."""

    url: str
    final_url: str
    content_type: str
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is judged and stored. `is_part`: it is a story or part of another one.
    `own_url` is where it was found, if it names another address of its site as its own (`url`).
    `next_page` is where it goes on, if that is still to be read. `is_cut`: the text is only a part,
    such as the lead that everybody may read.
    """

    title: str
    text: str
    language: str
    published_on: date | None = None
    url: str | None = None
    outlet: str | None = None
    external_id: str | None = None
    author: str | None = None
    kind: DocumentKind = DocumentKind.TEXT
    source_id: str | None = None
    is_part: bool = False
    own_url: str | None = None
    next_page: str | None = None
    is_cut: bool = False
    seen_on: date | None = None  # of an undated one that another installation saw before us


# --- judging --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage of the original text that a verdict rests on. `start` and `end` are offsets, in
    code points, into the title (zone title) or the text (lead, body).
    """

    rule: str
    concept: str
    zone: Zone
    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class RuleScore:
    id: str
    version: str
    score: float


@dataclass(frozen=True, slots=True)
class Card:
    """The facts of the agreement that a document reports. A doubtful field is None or empty.
    `expected_on` is the day for which the text announces the next step. `party_scores` also holds
    the runners-up, best first: the register compares these too.
    """

    parties: tuple[str, ...] = ()
    instrument: Instrument | None = None
    topics: tuple[Topic, ...] = ()
    status: Status | None = None
    event_date: date | None = None
    event_date_basis: DateBasis | None = None
    expected_on: date | None = None
    place: str | None = None
    place_key: str | None = None
    party_scores: tuple[tuple[str, float], ...] = ()

    @property
    def runners_up(self) -> tuple[str, ...]:
        """The best-scored codes that are no parties: the register may find the report by them."""
        others = tuple(code for code, _ in self.party_scores if code not in self.parties)
        return others[:3]  # codes further down the list are noise


@dataclass(frozen=True, slots=True)
class ReadFrame:
    """What a document says in its clearest sentence, in its own words: who does what, with whom,
    about what. `parties` are the codes of states and bodies in that sentence. The other fields are
    empty if the sentence does not name them.
    """

    parties: tuple[str, ...] = ()
    act: str = ""
    agreement: str = ""
    about: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for (above 0) or against (below 0) a report, in logits."""

    name: str
    weight: float


# Names of reasons: that a text sounds like a report, and like which one.
SOUND, SOUNDS_LIKE = "sounds like a report", "sounds like: "


@dataclass(frozen=True, slots=True)
class Translation:
    """A second reader's translation of a title, and of the sentence that it quotes, into a language
    of the page. It is a machine's: shown beside the original, and neither evidence nor searched.
    """

    language: str
    title: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class SecondReading:
    """The answer of a second reader on a document, as far as the text proves it.

    `answer` is "yes", "no" or "unclear": whether it reports a step. `card` has the fields that
    the reader read, `quote` is the sentence that shows it, `cause` why it reports none, and
    `agreement` what the reader calls the agreement. `doubt` names what could not be proved of an
    answer that therefore counts as unclear: "quote", "parties" or "day". `rules_card` and
    `rules_outcome` are the result of the rules, once the answer has taken the place of theirs.
    """

    answer: str
    reader: str
    prompt: str
    read_at: datetime
    card: Card = Card()
    quote: str = ""
    cause: str = ""
    agreement: str = ""
    doubt: str = ""
    rules_card: Card | None = None
    rules_outcome: str = ""
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a document: an alert (`relevant`), to be reviewed (`near_miss`),
    or silent.

    `probability` is that it reports a step, where the judge ran; `frame` and `reasons` say
    why. `found_by` names the rules that make it relevant. `registers` is whether one of them is
    a rule of the register. A document that only other rules found can be searched for and
    subscribed to, but is not a report of an agreement.
    """

    relevant: bool
    score: float
    threshold: float
    language: str
    rules: tuple[RuleScore, ...] = ()
    card: Card = Card()
    evidence: tuple[Evidence, ...] = ()
    vetoes: tuple[str, ...] = ()
    near_miss: bool = False
    found_by: tuple[str, ...] = ()
    registers: bool = True
    probability: float | None = None
    frame: ReadFrame | None = None
    reasons: tuple[Reason, ...] = ()
    second_reading: SecondReading | None = None

    @property
    def outcome(self) -> str:
        """ "alert", "review" or "silent"."""
        return "alert" if self.relevant else "review" if self.near_miss else "silent"

    def silenced(self) -> Verdict:
        """Return the same verdict, but neither as an alert nor to be reviewed."""
        return replace(self, relevant=False, near_miss=False)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What copies of one text are recognised by. `text_hash` is the hexadecimal digest of the
    folded text. `bands` are locality-sensitive hash bands (signed 64-bit integers), comparable only
    under the same `algorithm`; they are empty if the text is too short.
    """

    text_hash: str
    bands: tuple[int, ...] = ()
    algorithm: str = ""


class Judgement(NamedTuple):
    """How a document was judged: see `Judged`."""

    verdict: Verdict
    clues: tuple[str, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A document with all results of the pure stages, ready to be stored.

    `folded` is the title and the text, folded for the search index. `quote` is the sentence that
    shows best what the document reports.

    `clues` are what the register compares besides the card: "word:cayetano", "num:260000",
    "ref:2013-12-16:lead:memorandum".

    `parts` are the parts of a watched page that are reports of their own, or the stories of a
    round-up that are or may be; None for any other document.
    """

    document: Document
    verdict: Verdict
    fingerprint: Fingerprint
    folded: str
    quote: str
    clues: tuple[str, ...] = ()
    parts: tuple[Judged, ...] | None = None

    @property
    def judgement(self) -> Judgement:
        return Judgement(self.verdict, self.clues, self.quote)

    @property
    def has_alert(self) -> bool:
        """Whether this document is an alert, or one of its parts is."""
        parts = self.parts or ()
        return self.verdict.relevant or any(part.verdict.relevant for part in parts)
