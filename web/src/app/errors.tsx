import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { sentenceOf } from "@/lib/problem";
import { words } from "@/lib/words";

/** No such page, or a thing that this team does not have. */
export function Missing() {
  return (
    <Page title={words.errors.missing}>
      <p className="second">{words.errors.missingHelp}</p>
      <div>
        <Link to="/projects" className={buttonClass()}>
          {words.errors.toProjects}
        </Link>
      </div>
    </Page>
  );
}

/** A defect of ours: says so instead of a white page. */
export function Crashed({ error }: ErrorComponentProps) {
  return (
    <Page title={words.errors.crash}>
      <Notice
        tone="bad"
        title={words.errors.crashHelp}
        action={
          <Button small onClick={() => location.reload()}>
            {words.errors.reload}
          </Button>
        }
      >
        <code>{sentenceOf(error)}</code>
      </Notice>
    </Page>
  );
}
