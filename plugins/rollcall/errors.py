"""The errors that Rollcall raises on purpose: each has a stable code, says what happened and what to do next."""

from __future__ import annotations


class RollcallError(Exception):
    """A fault with a name.

    ``code`` is stable and has a page in ``docs/runbook``; ``next_action`` is one sentence for the person on duty.
    Messages never hold a value of a child.
    """

    code = "RC000"
    next_action = "Read the log of this task."

    def __init__(self, message: str, *, next_action: str | None = None) -> None:
        super().__init__(message)
        self.next_action = next_action or self.next_action

    def __str__(self) -> str:
        return f"[{self.code}] {super().__str__()} Next: {self.next_action}"

    @property
    def reason(self) -> str:
        """The message without code and next action, for tables and reports."""
        return super().__str__()


class SettingsError(RollcallError):
    """The city folder or an environment setting is missing or contradicts itself."""

    code = "RC100"
    next_action = "Correct the setting named and run `rollcall doctor`."


class TransientError(RollcallError):
    """An outage that may pass: safe and useful to try again."""

    code = "RC200"
    next_action = "Nothing yet: it is retried; if it stays, ask the supplier."

    def __init__(self, message: str, *, retry_after: float | None = None, next_action: str | None = None) -> None:
        super().__init__(message, next_action=next_action)
        self.retry_after = retry_after


class NothingDelivered(RollcallError):
    """The school was asked and has sent nothing new: it is silent, which is not the same as present."""

    code = "RC210"
    next_action = "Ask the school to send its register, then run `rollcall night --school URN`."


class AccessRefused(RollcallError):
    """The source refuses us (wrong credentials, revoked consent, changed host key): trying again cannot help."""

    code = "RC220"
    next_action = "Renew the school's connection, then run `rollcall night --school URN`."


class HostileDelivery(RollcallError):
    """A delivery that must not be opened: too large, a bomb, a trick with paths, entities or links."""

    code = "RC300"
    next_action = "Do not open the file; ask the school what it sent."


class UnreadableDelivery(RollcallError):
    """A delivery that is not what it claims to be: truncated, mis-encoded, HTML instead of JSON, wrong columns."""

    code = "RC310"
    next_action = "Ask the school to send the register again."


class WrongSchool(RollcallError):
    """The delivery says that it belongs to another school."""

    code = "RC320"
    next_action = "Check the school's folder and its control.json; nothing was loaded."


class ExtractHeld(RollcallError):
    """A critical rule or the circuit breaker holds the extract: the last good data stays."""

    code = "RC330"
    next_action = "Look at the rule named; release with `rollcall release URN NIGHT` if the school confirms it."


class WriterBusy(TransientError):
    """Another process is writing to the register."""

    code = "RC400"
    next_action = "Wait for the other run to end; it is retried."


class AuditFailed(RollcallError):
    """A hop of the reconciliation does not balance: nothing is published."""

    code = "RC500"
    next_action = "Read `ops.recon` for the failing hop; yesterday's marts are still published."


class PublishFailed(RollcallError):
    """The marts could not be moved: yesterday's set is still published."""

    code = "RC510"
    next_action = "See the cause, then run `rollcall publish`."


class ExportRefused(RollcallError):
    """A pack that must not be written: names without a reason, more rows than a pack may hold, an unsafe folder."""

    code = "RC700"
    next_action = "Correct what is named and ask for the pack again."
