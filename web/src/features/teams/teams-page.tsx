import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Page, SkeletonRows } from "@/components/ui/page";
import { Rows } from "@/components/ui/rows";
import table from "@/components/ui/table.module.css";
import folded from "@/features/projects/deletion.module.css";
import { teamsQuery } from "@/lib/queries";
import { grouped, moment } from "@/lib/time";
import type { Team } from "@/lib/types";
import { words } from "@/lib/words";
import { teamWords } from "@/lib/words-teams";
import { useRestoreTeam } from "./acting";
import { ClosedTeams } from "./closed-teams";
import { TeamDialog } from "./team-dialog";
import styles from "./teams.module.css";

const text = teamWords;
const heads = text.columns;

const COLUMNS = [
  { id: "name", head: heads.name },
  { id: "role", head: heads.role, width: styles.role },
  { id: "factor", head: heads.secondFactor, width: styles.factor, wide: true },
  { id: "members", head: heads.members, width: styles.members, right: true },
];

function Row({ team, index }: { team: Team; index: number }) {
  return (
    <tr className={table.link} aria-rowindex={index}>
      <td className="cut">
        <Link to="/teams/$teamId" params={{ teamId: team.id }} className={table.whole} title={team.name}>
          {team.name}
        </Link>
        {team.personal ? <span className="third"> {text.personal}</span> : null}
      </td>
      <td className="cut second">{text.roles[team.role]}</td>
      <td className={`cut ${table.wide} ${team.second_factor_required ? "second" : "third"}`}>
        {team.second_factor_required ? text.required : text.notRequired}
      </td>
      <td className={`${table.right} second`}>{grouped(team.members)}</td>
    </tr>
  );
}

function DeletedRow({ team }: { team: Team }) {
  const restore = useRestoreTeam();
  return (
    <li className={folded.row}>
      <span className="cut second" title={team.name}>
        {team.name}
      </span>
      <span className={`meta ${folded.until}`}>
        {team.purge_at ? text.deleted.until(moment(Date.parse(team.purge_at))) : null}
      </span>
      <Button
        small
        busy={restore.isPending}
        aria-label={`${text.deleted.restore} ${team.name}`}
        onClick={() => restore.mutate(team.id)}
      >
        {restore.isPending ? text.deleted.restoring : text.deleted.restore}
      </Button>
      {restore.error ? (
        <div className={folded.whole}>
          <Problem error={restore.error} />
        </div>
      ) : null}
    </li>
  );
}

/** One's teams, a row each, and below them, folded, those that can come back. */
export function TeamsPage() {
  const { data, error, refetch } = useQuery(teamsQuery);
  const [creating, setCreating] = useState(false);
  const teams = data?.items.filter((team) => !team.deleted_at) ?? [];
  const deleted = data?.items.filter((team) => team.deleted_at) ?? [];
  return (
    <Page
      title={text.title}
      action={
        <Button look="primary" onClick={() => setCreating(true)}>
          {text.create}
        </Button>
      }
    >
      {data ? null : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
      <ClosedTeams />
      {data ? (
        <>
          <p className="meta">{text.help}</p>
          <table className={table.table} aria-rowcount={teams.length + 1}>
            <Columns of={COLUMNS} />
            <Rows items={teams} row={(team, index) => <Row key={team.id} team={team} index={index} />} />
          </table>
        </>
      ) : null}
      {deleted.length > 0 ? (
        <details className={folded.deleted}>
          <summary>
            <ChevronRight aria-hidden />
            <span>{text.deleted.list(deleted.length)}</span>
          </summary>
          <ul>
            {deleted.map((team) => (
              <DeletedRow key={team.id} team={team} />
            ))}
          </ul>
        </details>
      ) : null}
      {creating ? <TeamDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}
