import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Copy } from "@/components/ui/copy";
import { Problem } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { useCheck } from "@/features/projects/actions";
import { alive } from "@/features/projects/status-of";
import { sentenceOf } from "@/lib/problem";
import { projectsQuery } from "@/lib/queries";
import { shortHash, withoutSecret } from "@/lib/repository";
import type { Project } from "@/lib/types";
import { platformWords } from "@/lib/words-platform";
import { projectWords } from "@/lib/words-projects";
import styles from "./platform.module.css";

const SHOWN = 10;
const text = platformWords;

/** When it was looked at last, or what the check that was just asked for found. */
function Looked({ project, check }: { project: Project; check: ReturnType<typeof useCheck> }) {
  const answer = check.data;
  const seen = project.last_seen;
  const wrong = check.error
    ? sentenceOf(check.error)
    : (answer?.error ?? (check.isIdle ? seen?.error : null));
  if (wrong)
    return (
      <span className={styles.wrong} title={wrong}>
        {text.failing}
      </span>
    );
  if (answer) {
    const said = answer.changed ? projectWords.check.found : projectWords.check.nothing;
    const sentence = said(shortHash(answer.commit));
    return <span title={sentence}>{answer.changed ? text.found : text.nothingNew}</span>;
  }
  return seen ? <Age at={seen.at} /> : text.never;
}

function Row({ project }: { project: Project }) {
  const check = useCheck(project.id);
  return (
    <tr>
      <td className="cut">
        <Link to="/projects/$projectId" params={{ projectId: project.id }} title={project.name}>
          {project.name}
        </Link>
      </td>
      <td className={`cut third ${table.wide}`} title={withoutSecret(project.source.url)}>
        {withoutSecret(project.source.url)}
      </td>
      <td className="cut second">
        <Looked project={project} check={check} />
      </td>
      <td className={table.right}>
        <span className={styles.buttons}>
          <Copy text={project.hook.url} label={text.copyHookOf(project.name)} />
          <Button
            small
            look="quiet"
            icon
            busy={check.isPending}
            aria-label={text.checkOf(project.name)}
            title={text.checkOf(project.name)}
            onClick={() => check.mutate()}
          >
            <RefreshCw aria-hidden />
          </Button>
        </span>
      </td>
    </tr>
  );
}

/** Each project's repository: when it was looked at, its hook URL, and a look at once. */
export function Repositories() {
  const { data, error, refetch } = useQuery(projectsQuery);
  const [all, setAll] = useState(false);
  const projects = alive(data?.items);
  if (!data)
    return error ? <Problem error={error} retry={() => void refetch()} /> : <SkeletonRows rows={3} />;
  if (projects.length === 0) return <p className="third">{text.noRepositories}</p>;
  return (
    <>
      <table className={table.table}>
        <Columns
          of={[
            { id: "project", head: text.columns.project, width: styles.project },
            { id: "repository", head: text.columns.repository, wide: true },
            { id: "seen", head: text.columns.seen, width: styles.looked },
            {
              id: "does",
              head: <span className="only-read">{text.columns.does}</span>,
              width: styles.does,
              right: true,
            },
          ]}
        />
        <tbody>
          {(all ? projects : projects.slice(0, SHOWN)).map((project) => (
            <Row key={project.id} project={project} />
          ))}
        </tbody>
      </table>
      {projects.length > SHOWN && !all ? (
        <div>
          <Button small onClick={() => setAll(true)}>
            {text.more(projects.length)}
          </Button>
        </div>
      ) : null}
    </>
  );
}
