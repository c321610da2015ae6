import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { fieldOf } from "@/lib/problem";
import { PROJECT_NAME } from "@/lib/repository";
import { words } from "@/lib/words";
import { teamWords } from "@/lib/words-teams";
import { useCreateTeam } from "./acting";

/** The rule for names of teams is that for names of projects. */
export const TEAM_NAME = PROJECT_NAME;

const text = teamWords;

/** Makes a team and opens it. */
export function TeamDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateTeam();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const wrong = !TEAM_NAME.test(name.trim());
  const error = tried && wrong ? text.name.wrong : fieldOf(create.error, "name");
  const submit = () => {
    setTried(true);
    if (wrong) return;
    create.mutate(name.trim(), {
      onSuccess: ({ id }) => void navigate({ to: "/teams/$teamId", params: { teamId: id } }),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.create}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={onClose}>
            {words.actions.cancel}
          </Button>
          <Button look="primary" type="submit" busy={create.isPending}>
            {words.actions.create}
          </Button>
        </>
      }
    >
      <TextField
        label={text.name.label}
        help={text.name.help}
        error={error}
        value={name}
        maxLength={39}
        onChange={(event) => {
          if (create.error) create.reset();
          setName(event.target.value);
        }}
      />
      <Problem error={error ? null : create.error} />
    </Dialog>
  );
}
