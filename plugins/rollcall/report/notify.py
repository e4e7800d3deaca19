"""Notifications: the night's summary by webhook and by e-mail, where an address is configured."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Mapping
from dataclasses import asdict
from email.message import EmailMessage

import httpx

from rollcall.errors import TransientError
from rollcall.report.summary import NightSummary


def send_summary(summary: NightSummary) -> str:
    """Send the summary to ``ROLLCALL_NOTIFY_WEBHOOK`` (JSON) and ``ROLLCALL_NOTIFY_EMAIL`` (through ``ROLLCALL_SMTP``).

    Counts, school names and reasons only, never a value of a child. Raises ``TransientError`` where a configured
    address does not take it; returns one line that says who was told.
    """
    told = []
    webhook, email = os.environ.get("ROLLCALL_NOTIFY_WEBHOOK"), os.environ.get("ROLLCALL_NOTIFY_EMAIL")
    try:
        if webhook:
            body = {"text": summary_text(summary), "summary": asdict(summary)}
            httpx.post(
                webhook, content=_json(body), headers={"Content-Type": "application/json"}, timeout=20
            ).raise_for_status()
            told.append("webhook")
        if email:
            _send_mail(email, summary)
            told.append("e-mail")
    except (httpx.HTTPError, OSError, smtplib.SMTPException) as error:
        raise TransientError(
            f"The night's summary could not be sent ({type(error).__name__}).",
            next_action="The night itself is complete; mend the notification address.",
        ) from error
    return f"told: {', '.join(told)}" if told else "nobody asked to be told"


def summary_text(summary: NightSummary) -> str:
    """The summary as plain text, for a message."""
    counts = ", ".join(f"{count} {status}" for status, count in summary.schools.items())
    lines = [f"{summary.city}, night of {summary.night}: {counts} of {summary.schools_expected} schools."]
    lines += [f"- {line.status}: {line.school}: {line.reason} {line.next_action}" for line in summary.exceptions]
    lines += [
        f"- feed {line.school}, {line.status}: {line.reason} {line.next_action}" for line in summary.feed_exceptions
    ]
    lines.append("Published." if summary.published else "NOT published: yesterday's marts stay.")
    lines += [f"{name}: {value} ({moved})" if moved else f"{name}: {value}" for name, value, moved in summary.figures]
    lines.append(f"Next: {summary.next_action}")
    return "\n".join(lines)


def _json(body: Mapping[str, object]) -> str:
    import json

    return json.dumps(body, default=str)


def _send_mail(address: str, summary: NightSummary) -> None:
    host, _, port = os.environ.get("ROLLCALL_SMTP", "localhost:25").partition(":")
    message = EmailMessage()
    state = "published" if summary.published else "NOT PUBLISHED"
    message["Subject"] = f"Rollcall {summary.night}: {state}, {len(summary.exceptions)} schools to look at"
    message["From"] = os.environ.get("ROLLCALL_NOTIFY_FROM", "rollcall@localhost")
    message["To"] = address
    message.set_content(summary_text(summary))
    with smtplib.SMTP(host, int(port or 25), timeout=20) as server:
        server.send_message(message)
