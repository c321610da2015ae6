"""Project rows to what the API says. The number of queries does not grow with the number of projects."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from wisehosting_cp.deployments import freshness
from wisehosting_cp.deployments.views import url_of
from wisehosting_cp.deployments.views import views as deployment_views
from wisehosting_cp.kit.context import Context
from wisehosting_cp.projects import service as projects
from wisehosting_cp.projects.build_settings import BuildSettingsBody
from wisehosting_cp.projects.models import Project
from wisehosting_cp.sources import hooks, repository
from wisehosting_cp.sources.schemas import EnvironmentView, HookView, ProjectView, SeenView, SourceView


async def view(session: AsyncSession, ctx: Context, project: Project) -> ProjectView:
    """Return one project as the API says it."""
    return (await views(session, ctx, [project]))[0]


async def views(session: AsyncSession, ctx: Context, rows: Sequence[Project]) -> list[ProjectView]:
    """Return projects as the API says them."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    environments = await projects.environments(session, rows)
    live, latest = await repository.shown_deployments(
        session, [environment.id for found in environments.values() for environment in found]
    )
    shown = list({row.id: row for row in (*live.values(), *latest.values())}.values())
    by_id = {row.id: row for row in await deployment_views(session, ctx, shown)}
    rebuild = await freshness.suggestions(session, live.values())
    seen = await repository.seen(session, ids)
    described = await repository.described(
        session, {(row.project_id, row.commit) for row in seen.values() if row.commit and not row.subject}
    )
    hook = await repository.hooks(session, ids)

    def last_seen(project: Project) -> SeenView | None:
        row = seen.get(project.id)
        if row is None or (row.commit is None and row.error is None):
            return None
        told = described.get((project.id, row.commit or ""))
        return SeenView(
            commit=row.commit,
            subject=row.subject or (told.subject if told else None),
            author=row.author or (told.author if told else None),
            at=row.seen_at,
            error=row.error,
        )

    return [
        ProjectView(
            id=row.id,
            name=row.name,
            team_id=row.team_id,
            source=SourceView(
                provider=row.provider,
                url=row.repository_url,
                branch=row.branch,
                root_directory=row.root_directory,
                submodules=row.settings.get("submodules", False),
                large_files=row.settings.get("large_files", False),
            ),
            build=BuildSettingsBody(**row.settings.get("build", {})),
            settings_version=projects.settings_version(row),
            created_at=row.created_at,
            deleted_at=row.deleted_at,
            purge_at=max((found.purge_at for found in environments[row.id] if found.purge_at), default=None)
            if row.deleted_at
            else None,
            environments=[
                EnvironmentView(
                    id=found.id,
                    name=found.name,
                    kind=found.kind,
                    hostname=found.hostname,
                    url=url_of(ctx, found.hostname),
                    replicas=found.replicas,
                    deleted_at=found.deleted_at,
                    purge_at=found.purge_at,
                    live=by_id[live[found.id].id] if found.id in live else None,
                    latest=by_id[latest[found.id].id] if found.id in latest else None,
                    rebuild=rebuild.get(found.id),
                )
                for found in environments[row.id]
            ],
            last_seen=last_seen(row),
            next_check_at=seen[row.id].next_check_at if row.id in seen else None,
            hook=HookView(url=hooks.url_of(ctx, hook[row.id])),
        )
        for row in rows
    ]
