import { Link } from "@tanstack/react-router";
import { Age } from "@/components/ui/age";
import { Columns } from "@/components/ui/columns";
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
          <Columns
            of={[
              { id: "name", head: text.name, width: table.name },
              { id: "status", head: text.status, width: table.status },
              { id: "instances", head: text.instances, width: styles.count, wide: true },
              { id: "url", head: text.url, wide: true },
              { id: "age", head: text.age, width: table.age, right: true },
            ]}
          />
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
