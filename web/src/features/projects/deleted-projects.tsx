import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Problem } from "@/components/ui/notice";
import { useTooLow } from "@/features/teams/use-role";
import type { Project } from "@/lib/types";
import { deletionWords } from "@/lib/words-running";
import { useRestore } from "./deleting";
import styles from "./deletion.module.css";
import { untilOf } from "./status-of";

const text = deletionWords;

function DeletedRow({ project }: { project: Project }) {
  const restore = useRestore();
  const why = useTooLow(project, "admin");
  return (
    <li className={styles.row}>
      <Link to="/projects/$projectId" params={{ projectId: project.id }} className="cut">
        {project.name}
      </Link>
      <span className={`meta ${styles.until}`}>{text.until(untilOf(project))}</span>
      <Button small why={why} busy={restore.isPending} onClick={() => restore.mutate(project)}>
        {restore.isPending ? text.restoring : text.restore}
      </Button>
      {restore.error ? (
        <div className={styles.whole}>
          <Problem error={restore.error} />
        </div>
      ) : null}
    </li>
  );
}

/** Below the list, folded: what was deleted and can come back. */
export function DeletedProjects({ projects, open }: { projects: Project[]; open: boolean }) {
  return (
    <details className={styles.deleted} open={open || undefined}>
      <summary>
        <ChevronRight aria-hidden />
        <span>{text.list(projects.length)}</span>
      </summary>
      <ul>
        {projects.map((project) => (
          <DeletedRow key={project.id} project={project} />
        ))}
      </ul>
    </details>
  );
}
