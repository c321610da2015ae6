"""The tenant policy: loaded at start, probed every minute. Closed or no work."""

import asyncio
import time
from collections.abc import Callable

import structlog

from wisehosting_agent.errors import AgentError
from wisehosting_agent.firewall.port import Firewall
from wisehosting_agent.store import meta
from wisehosting_agent.store.database import Database
from wisehosting_wire.facts import FirewallReport

CHECK_SECONDS = 60.0
RETRY_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class Guard:
    """Knows whether work may be taken."""

    def __init__(self, firewall: Firewall, store: Database, *, allow: list[str]) -> None:
        self._firewall = firewall
        self._store = store
        self._own = allow
        self._wake = asyncio.Event()
        self._reload = True
        self._closed = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None
        """Called when work may be taken again."""
        self.report = FirewallReport(closed=False, checked_at=0, detail="not checked yet")

    @property
    def closed(self) -> bool:
        """The last probe found every forbidden target closed."""
        return self._closed.is_set()

    async def wait_closed(self) -> None:
        """Until work may be taken."""
        await self._closed.wait()

    def policy_changed(self) -> None:
        """The control plane's list was stored: load and probe again."""
        self._reload = True
        self._wake.set()

    async def run(self) -> None:
        """Load, probe, wait, until cancelled. A failure opens the report and is tried again; it never ends the loop."""
        while True:
            self._wake.clear()
            try:
                if self._reload:
                    allow = await self._store.run(meta.network_allow)
                    await self._firewall.load(sorted({*self._own, *allow}))
                    self._reload = False
                report = await self._firewall.check()
            except (AgentError, OSError) as error:
                report = FirewallReport(closed=False, checked_at=time.time(), detail=str(error))
            self._note(report)
            if not report.closed:
                self._reload = True  # somebody may have taken the policy away
            try:
                async with asyncio.timeout(CHECK_SECONDS if report.closed else RETRY_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _note(self, report: FirewallReport) -> None:
        if report.closed != self.closed or (not report.closed and report.detail != self.report.detail):
            log = _log.info if report.closed else _log.warning
            log("tenant_policy", closed=report.closed, detail=report.detail, probes=report.probes)
        self.report = report
        if report.closed:
            self._closed.set()
            self.on_change()
        else:
            self._closed.clear()
