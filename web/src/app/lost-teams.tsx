/** A team that one is in no more: its pages are left, what was its is forgotten, and a sentence says why. */
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { forgetTeams, lostTeams, teamOf } from "@/lib/access";
import { words } from "@/lib/words";
import styles from "./frame.module.css";
import { isLeaving, staying } from "./leaving";
import { useSession } from "./session-gate";

const text = words.lostTeams;

export function LostTeams() {
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const known = useRef(session);
  const [told, setTold] = useState<string[]>([]);

  useEffect(() => {
    const lost = lostTeams(known.current, session);
    const gained = session.teams.some(({ id }) => !known.current.teams.some((team) => team.id === id));
    known.current = session;
    const refresh = () => {
      for (const key of ["projects", "team-instances", "recent-deployments"])
        void client.invalidateQueries({ queryKey: [key] });
    };
    if (gained) refresh();
    const unasked = lost.filter(({ id }) => !isLeaving(id));
    for (const { id } of lost) staying(id);
    if (unasked.length === 0) return;
    const ids = unasked.map(({ id }) => id);
    // A team that is closed until one has a second factor has a notice of its own, among the teams.
    const names = unasked.map(({ name }) => name).filter((name) => !session.closed_teams.includes(name));
    setTold((before) => [...new Set([...before, ...names])]);
    const leave = async () => {
      const left = unasked.find(({ id }) => id === teamOf(client, pathname));
      if (left) await navigate({ to: names.includes(left.name) ? "/projects" : "/teams" });
      forgetTeams(client, ids);
      refresh();
    };
    void leave();
  }, [session, client, navigate, pathname]);

  if (told.length === 0) return null;
  return (
    <div className={styles.lost}>
      <Notice
        tone="warn"
        title={text.title(told)}
        action={
          <Button look="quiet" small icon aria-label={text.dismiss} onClick={() => setTold([])}>
            <X aria-hidden />
          </Button>
        }
      >
        {text.help}
      </Notice>
    </div>
  );
}
