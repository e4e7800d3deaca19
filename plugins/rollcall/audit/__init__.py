"""Stage 6, audit: compare every hop and the new marts with the published ones; only what balances goes on."""

from rollcall.audit.checks import AuditReport, audit_night

__all__ = ["AuditReport", "audit_night"]
