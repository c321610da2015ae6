"""The last probe before `live`: one request through the outermost edge, as a visitor would make it."""

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

    async def probe(self, deployment_id: UUID) -> bool:
        """Tell whether the edge answers with this deployment's number; an unreachable edge is a no."""
        async with self._ctx.db.read() as session:
            deployment = await session.get(Deployment, deployment_id)
            if deployment is None:
                return False
            environment = await session.get_one(Environment, deployment.environment_id)
            number, hostname = deployment.number, environment.hostname
        settings = self._ctx.settings
        try:
            answer = await self._client.get(
                f"{settings.apps_scheme}://{settings.apps_address}/", headers={"Host": hostname}
            )
        except httpx2.HTTPError:
            return False
        return answer.headers.get(HEADER) == str(number)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
