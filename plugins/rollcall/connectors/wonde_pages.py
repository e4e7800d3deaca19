"""Pages of Wonde's API, with every guard that paging needs: nothing is skipped, repeated, endless or sent elsewhere."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Final

import httpx

from rollcall.connectors.connections import Connection
from rollcall.connectors.retry import Patience, with_retries
from rollcall.errors import AccessRefused, HostileDelivery, TransientError, UnreadableDelivery

PAGE_BYTES: Final = 64 * 1024**2


@cache
def trusted_roots() -> ssl.SSLContext:
    """The root certificates that every connection is checked against: reading them takes longer than asking for a page."""
    return httpx.create_ssl_context(trust_env=False)


class Pages:
    """An open session with one school's token.

    Limits come from the connection's ``extra``: ``requests_per_second`` (5), ``max_pages`` (10,000),
    ``max_wait_seconds`` (300, all waits for one page), ``timeout_seconds`` (30).
    """

    def __init__(self, connection: Connection, label: str) -> None:
        self._label = label
        self._pause = 1 / connection.number("requests_per_second", 5)
        self._most = int(connection.number("max_pages", 10_000))
        self._patience = Patience(
            first_wait=connection.number("first_wait_seconds", 1),
            total_wait=connection.number("max_wait_seconds", 300),
        )
        self._base = httpx.URL(_base_url(connection))
        self._next_request = 0.0
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {connection.password}", "Accept": "application/json"},
            timeout=connection.number("timeout_seconds", 30),
            follow_redirects=False,
            trust_env=False,
            verify=trusted_roots(),
        )

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def follow(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Every page of a resource; raises ``UnreadableDelivery`` where the paging contradicts itself."""
        url = self._base.join(path).copy_merge_params(query)
        seen = {str(url)}
        for _ in range(self._most):
            page = self._page(url, path)
            yield page
            onward = page["meta"]["pagination"].get("next")
            if not onward:
                if page["meta"]["pagination"].get("more"):
                    raise UnreadableDelivery(f"{self._label}: {path} promises more pages but names no next one.")
                return
            url = self._same_host(str(onward), path)
            if str(url) in seen:
                raise UnreadableDelivery(f"{self._label}: {path} leads back to a page already read.")
            seen.add(str(url))
        raise UnreadableDelivery(f"{self._label}: {path} has more than {self._most} pages.")

    def _same_host(self, onward: str, path: str) -> httpx.URL:
        """The token must never travel to another host."""
        try:
            url = self._base.join(onward)
        except httpx.InvalidURL:
            raise UnreadableDelivery(f"{self._label}: {path} names a next page that is no address.") from None
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port) or url.userinfo:
            raise HostileDelivery(f"{self._label}: {path} names a next page on another host.")
        return url

    def _page(self, url: httpx.URL, path: str) -> dict[str, Any]:
        body = with_retries(lambda: self._get(url, path), self._patience)
        try:
            page = json.loads(body)
        except (ValueError, RecursionError):
            raise UnreadableDelivery(f"{self._label}: {path} answered with something that is not JSON.") from None
        if not isinstance(page, dict) or not _is_records(page.get("data")):
            raise UnreadableDelivery(f"{self._label}: {path} answered without data.")
        if not isinstance((page.get("meta") or {}).get("pagination"), dict):
            raise UnreadableDelivery(f"{self._label}: {path} answered without pagination.")
        return page

    def _get(self, url: httpx.URL, path: str) -> bytes:
        wait = self._next_request - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._next_request = time.monotonic() + self._pause
        try:
            with self._client.stream("GET", url) as response:
                self._check_status(response, path)
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > PAGE_BYTES:
                        raise HostileDelivery(f"{self._label}: a page of {path} is larger than a page can be.")
                return bytes(body)
        except httpx.TransportError as error:
            raise TransientError(f"{self._label}: {path} failed with {type(error).__name__}.") from None
        except httpx.DecodingError:
            raise UnreadableDelivery(f"{self._label}: {path} is not packed as it says.") from None

    def _check_status(self, response: httpx.Response, path: str) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status in (401, 403, 404):
            raise AccessRefused(f"{self._label}: {path} answered {status}.")
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            raise TransientError(f"{self._label}: {path} answered {status}.", retry_after=_retry_after(response))
        raise UnreadableDelivery(
            f"{self._label}: {path} answered {status}.", next_action="Check the filters and includes of the connection."
        )


def _base_url(connection: Connection) -> str:
    stated = str(connection.extra.get("base_url") or "")
    if not stated:
        stated = connection.host if "://" in connection.host else f"https://{connection.host}"
        stated += f":{connection.port}" if connection.port else ""
    stated = stated.rstrip("/")
    return f"{stated}/" if stated.endswith("/v1.0") else f"{stated}/v1.0/"


def _is_records(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(record, dict) for record in data)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date."""
    stated = response.headers.get("Retry-After", "").strip()
    if stated.isascii() and stated.isdigit():
        return float(stated)
    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds()) if stated else None
    except (TypeError, ValueError):
        return None
