"""Stage 6, audit: compare every hop and the new marts with the published ones; nothing is published unless it balances."""

from rollcall.audit.checks import AuditReport, audit_night

__all__ = ["AuditReport", "audit_night"]
