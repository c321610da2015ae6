import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Columns } from "@/components/ui/columns";
import { Problem } from "@/components/ui/notice";
import { Section } from "@/components/ui/page";
import table from "@/components/ui/table.module.css";
import type { TeamDetail } from "@/lib/types";
import { teamWords } from "@/lib/words-teams";
import { useTakeBack } from "./acting";
import styles from "./teams.module.css";

const text = teamWords.invitations;
const heads = teamWords.columns;

/** Who was invited and has not come yet. Their links were shown once, and are not here. */
export function Invitations({ team }: { team: TeamDetail }) {
  const takeBack = useTakeBack(team.id);
  return (
    <Section title={text.title}>
      {team.invitations.length === 0 ? (
        <p className="third">{text.none}</p>
      ) : (
        <table className={table.table}>
          <Columns
            of={[
              { id: "email", head: heads.email },
              { id: "role", head: heads.memberRole, width: styles.role, wide: true },
              { id: "expires", head: heads.expires, width: table.age },
              {
                id: "does",
                head: <span className="only-read">{heads.does}</span>,
                width: styles.does,
                right: true,
              },
            ]}
          />
          <tbody>
            {team.invitations.map(({ id, email, role, expires_at }) => (
              <tr key={id}>
                <td className="cut" title={email}>
                  {email}
                </td>
                <td className={`cut second ${table.wide}`}>{teamWords.roles[role]}</td>
                <td className="cut third">
                  <Age at={expires_at} future />
                </td>
                <td className={table.right}>
                  <Button
                    small
                    look="quiet"
                    aria-label={text.takeBackOf(email)}
                    busy={takeBack.isPending && takeBack.variables === id}
                    onClick={() => takeBack.mutate(id)}
                  >
                    {text.takeBack}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Problem error={takeBack.error} />
    </Section>
  );
}
