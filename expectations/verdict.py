"""What the judge says: one outcome per expectation, one verdict per delivery. Light to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingestion import contracts, wording
from ingestion.contracts import Contract
from ingestion.errors import ExpectedError

Severity = Literal["error", "warning"]


class NotJudgeableError(ExpectedError):
    """The delivery does not exist, or is not in a state that can be judged."""


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A row at which an expectation fails: where it stands, and in French what stands there."""

    record_locator: str
    found: str
    is_repeated: bool = False
    """Whether the delivery repeats it unchanged: the place is that of the delivery that brought it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one expectation found. `observed` and `expected` are French: institutions read them."""

    check_name: str
    subject: str
    passed: bool
    severity: Severity
    observed: str
    expected: str
    who_fixes: str
    failing: tuple[FailingRow, ...] = ()
    """The first rows that fail, where the expectation looks at rows."""

    @property
    def refuses(self) -> bool:
        """Whether this outcome alone makes the delivery unfit."""
        return not self.passed and self.severity == "error"

    def sentence(self, contract: Contract) -> str:
        """The outcome as one line of a reason, in the words of the institution."""
        about = wording.subject(self.subject, contract)
        return f"{about} : constaté {self.observed} ; attendu {self.expected}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on a delivery, and on what grounds."""

    delivery_id: int
    dataset_code: str
    outcomes: tuple[Outcome, ...]

    @property
    def accepted(self) -> bool:
        """Whether the delivery is fit: no expectation of severity error failed."""
        return not any(outcome.refuses for outcome in self.outcomes)

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        """What is suspicious without being wrong."""
        return tuple(o for o in self.outcomes if not o.passed and o.severity == "warning")

    @property
    def reason(self) -> str:
        """Why the delivery is refused; empty when it is accepted."""
        contract = contracts.load(self.dataset_code)
        return " · ".join(outcome.sentence(contract) for outcome in self.outcomes if outcome.refuses)
