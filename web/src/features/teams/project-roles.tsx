import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { SelectField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { Setting, SkeletonRows } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import { api, ask } from "@/lib/client";
import { projectRolesQuery, teamQuery } from "@/lib/queries";
import type { Project, ProjectRole, Role } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { givable, withoutOwnRole } from "./roles";
import styles from "./teams.module.css";
import { useWhyNot } from "./use-role";

const text = teamWords.project;
/** Owners are owners of a whole team. */
const HERE = givable("admin");

/** Sets somebody's role in a project, or with null lets the team's count again. */
function useSetHere(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role | null }) => {
      const params = { path: { project_id: projectId, user_id: userId } };
      return role
        ? ask(api.PUT("/api/v1/projects/{project_id}/roles/{user_id}", { params, body: { role } }))
        : ask(api.DELETE("/api/v1/projects/{project_id}/roles/{user_id}", { params }));
    },
    onSuccess: (page) => client.setQueryData(projectRolesQuery(projectId).queryKey, page),
  });
}

type SetHere = ReturnType<typeof useSetHere>;

function Given({ roles, set, why }: { roles: ProjectRole[]; set: SetHere; why: string | null }) {
  return (
    <table className={table.table}>
      <Columns
        of={[
          { id: "member", head: text.member },
          { id: "role", head: text.role, width: styles.role },
          { id: "team", head: text.inTeam, width: styles.role, wide: true },
          {
            id: "does",
            head: <span className="only-read">{teamWords.columns.does}</span>,
            width: styles.does,
            right: true,
          },
        ]}
      />
      <tbody>
        {roles.map(({ user_id, name, email, role, team_role }) => (
          <tr key={user_id}>
            <td className="cut" title={`${name} (${email})`}>
              {name || email}
            </td>
            <td className="cut second">{teamWords.roles[role]}</td>
            <td className={`cut third ${table.wide}`}>{teamWords.roles[team_role]}</td>
            <td className={table.right}>
              {why ? null : (
                <Button
                  small
                  look="quiet"
                  aria-label={text.clearOf(name || email)}
                  busy={set.isPending && set.variables.userId === user_id}
                  onClick={() => set.mutate({ userId: user_id, role: null })}
                >
                  {text.clear}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Give({ project, roles, set }: { project: Project; roles: ProjectRole[]; set: SetHere }) {
  const { data: team, error } = useQuery(teamQuery(project.team_id));
  const [userId, setUserId] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const choices = withoutOwnRole(team?.people ?? [], roles);
  // Who was chosen may have left since.
  const chosen = choices.some((each) => each.user_id === userId) ? userId : "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) set.mutate({ userId: chosen, role });
  };
  if (error) return <Problem error={error} />;
  if (team && choices.length === 0) return <p className="meta">{text.nobody}</p>;
  return (
    <form className={styles.form} onSubmit={submit}>
      <div className={styles.pair}>
        <SelectField
          label={text.member}
          value={chosen}
          onChange={(event) => setUserId(event.target.value)}
          choices={[
            ["", text.choose],
            ...choices.map((each): [string, string] => [
              each.user_id,
              text.memberLine(each.name, each.email, each.role),
            ]),
          ]}
        />
        <SelectField
          label={text.role}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          choices={HERE.map((each) => [each, teamWords.roles[each]])}
        />
      </div>
      <Button type="submit" disabled={!chosen} busy={set.isPending && set.variables.role !== null}>
        {text.set}
      </Button>
    </form>
  );
}

/** Who may do more, or less, in this project than in its team. */
export function ProjectRoles({ project }: { project: Project }) {
  const { data, error, refetch } = useQuery(projectRolesQuery(project.id));
  const set = useSetHere(project.id);
  const why = useWhyNot(project, "admin");
  return (
    <Setting title={text.title} help={text.help}>
      {data ? null : error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={1} />
      )}
      {data?.items.length === 0 ? <p className="third">{text.none}</p> : null}
      {data && data.items.length > 0 ? <Given roles={data.items} set={set} why={why} /> : null}
      <Problem error={set.error} />
      {why ? (
        <p className="meta">{why}</p>
      ) : data ? (
        <Give project={project} roles={data.items} set={set} />
      ) : null}
    </Setting>
  );
}
