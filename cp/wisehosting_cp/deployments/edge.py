"""The last probe before `live`: one request through the outermost edge, as a visitor would make it."""

import asyncio
from uuid import UUID

import httpx2

from wisehosting_cp.deployments.models import Deployment
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects.models import Environment

HEADER = "X-WiseHosting-Deployment"
TIMEOUT_SECONDS = 3.0


class Edge:
    """Asks the edge which deployment answers for a host."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    async def probe(self, deployment_id: UUID) -> str:
        """Ask the edge; return what it answered instead of this deployment's number, nothing when it did answer with it."""
        async with self._ctx.db.read() as session:
            deployment = await session.get(Deployment, deployment_id)
            if deployment is None:
                return "no deployment of that id"
            environment = await session.get_one(Environment, deployment.environment_id)
            number, hostname = deployment.number, environment.hostname
        settings = self._ctx.settings
        address = f"{settings.apps_scheme}://{settings.apps_address}/"
        try:
            # The head is enough; the body is the app's, as long and as slow as it likes.
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._client.stream("GET", address, headers={"Host": hostname}) as answer,
            ):
                pass
        except (httpx2.HTTPError, TimeoutError) as error:
            return f"no answer of {address} for {hostname} ({type(error).__name__}: {error})"
        found = answer.headers.get(HEADER)
        if found == str(number):
            return ""
        return f"status {answer.status_code} from {address} for {hostname}, " + (
            f"by deployment {found}" if found else "by no deployment"
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
