"""Variables of environments: asked for by (environment, version), sealed on disk, handed out when needed."""

import asyncio
from collections import defaultdict

import structlog

from wisehosting_agent.link import Link
from wisehosting_agent.store.database import Database, Transaction
from wisehosting_agent.store.vault import Variables, Vault
from wisehosting_wire.messages import Secrets, SecretsWanted

ASK_AGAIN_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class VariableKeeper:
    """Whoever needs values waits here; the control plane is asked again until it answers."""

    def __init__(self, store: Database, vault: Vault, link: Link) -> None:
        self._store = store
        self._vault = vault
        self._link = link
        self._arrived: defaultdict[tuple[str, int], asyncio.Event] = defaultdict(asyncio.Event)
        self._waiting: dict[tuple[str, int], int] = {}

    async def need(self, environment: str, version: int) -> Variables:
        """The values; waits for as long as the control plane takes. Cancel to give up."""
        key = (environment, version)
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            while True:
                arrived = self._arrived[key]
                arrived.clear()
                found = await self._store.run(lambda tx: self._vault.get(tx, environment, version))
                if found is not None:
                    return found
                await self._link.wait_connected()
                self._link.say(SecretsWanted(environment=environment, version=version))
                try:
                    async with asyncio.timeout(ASK_AGAIN_SECONDS):
                        await arrived.wait()
                except TimeoutError:
                    _log.info("variables_missing", environment=environment, version=version)
        finally:
            self._waiting[key] -= 1
            if self._waiting[key] == 0:
                del self._waiting[key]
                self._arrived.pop(key, None)

    def put(self, tx: Transaction, message: Secrets) -> None:
        """Seal and store what the control plane sent."""
        self._vault.put(tx, message.environment, message.version, Variables(run=message.run, build=message.build))

    def arrived(self, message: Secrets) -> None:
        """After the commit of `put`: wake who waits."""
        event = self._arrived.get((message.environment, message.version))
        if event is not None:
            event.set()
