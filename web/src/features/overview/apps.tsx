import { Link } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Section } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import table from "@/components/ui/table.module.css";
import { AppUrl } from "@/features/projects/app-url";
import { production } from "@/features/projects/status-of";
import { overviewWords } from "@/lib/words-platform";
import { deletionWords } from "@/lib/words-running";
import type { App } from "./figures";
import styles from "./overview.module.css";

const SHOWN = 8;
const text = overviewWords.columns;

function Row({ app }: { app: App }) {
  const { project, summary } = app;
  const environment = production(project);
  const short = summary !== null && summary.ready < summary.wanted;
  return (
    <tr className={table.link}>
      <td className="cut">
        <Link
          to="/projects/$projectId"
          params={{ projectId: project.id }}
          className={table.whole}
          title={project.name}
        >
          {project.name}
        </Link>
      </td>
      <td>
        <Status status={app.status} />
      </td>
      <td className={`numbers ${table.wide} ${short ? styles.short : "second"}`}>
        {summary ? (
          `${summary.ready}/${summary.wanted}`
        ) : (
          <span className="third">{overviewWords.noInstances}</span>
        )}
      </td>
      <td className={`cut ${table.wide}`}>
        {environment?.live ? <AppUrl environment={environment} className={table.above} /> : null}
      </td>
      <td className={`${table.right} third`}>
        <Age at={app.at} />
      </td>
    </tr>
  );
}

/** The apps in few rows: what failed and what is changing first. */
export function Apps({ apps }: { apps: App[] }) {
  return (
    <Section
      title={overviewWords.apps}
      action={
        <Link to="/projects" className="meta">
          {overviewWords.allProjects(apps.length)}
        </Link>
      }
    >
      {apps.length === 0 ? (
        <p className="third">{deletionWords.onlyDeleted}</p>
      ) : (
        <table className={table.table}>
          <colgroup>
            <col className={table.name} />
            <col className={table.status} />
            <col className={`${table.wide} ${styles.count}`} />
            <col className={table.wide} />
            <col className={table.age} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{text.name}</th>
              <th scope="col">{text.status}</th>
              <th scope="col" className={table.wide}>
                {text.instances}
              </th>
              <th scope="col" className={table.wide}>
                {text.url}
              </th>
              <th scope="col" className={table.right}>
                {text.age}
              </th>
            </tr>
          </thead>
          <tbody>
            {apps.slice(0, SHOWN).map((app) => (
              <Row key={app.project.id} app={app} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
