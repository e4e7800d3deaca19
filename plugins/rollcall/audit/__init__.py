"""Stage 6, audit: compare every hop and the new marts with the published ones; only what balances goes on."""

from rollcall.audit.checks import AuditReport, audit_night
from rollcall.audit.digests import Digest, digest_marts, is_input
from rollcall.audit.restatement import Moved, explain_movement, school_figures

__all__ = [
    "AuditReport",
    "Digest",
    "Moved",
    "audit_night",
    "digest_marts",
    "explain_movement",
    "is_input",
    "school_figures",
]
