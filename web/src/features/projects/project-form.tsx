import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useSession } from "@/app/session-gate";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { BuildFields, SourceFields } from "@/features/builds/build-fields";
import { EMPTY, mistakesIn, toBuild, toSource } from "@/features/builds/form";
import { PlanView } from "@/features/builds/plan-view";
import { usePlan, useSettled } from "@/features/builds/use-plan";
import { teamsForProjects } from "@/features/teams/roles";
import { ApiProblem, fieldOf } from "@/lib/problem";
import { projectsQuery } from "@/lib/queries";
import { freeName, nameFromUrl, PROJECT_NAME } from "@/lib/repository";
import type { PlanAsked } from "@/lib/types";
import { planWords } from "@/lib/words-plans";
import { projectWords } from "@/lib/words-projects";
import { useCreateProject } from "./actions";
import styles from "./project-form.module.css";

const text = projectWords.form;
const FIELDS = ["url", "name", "branch"] as const;
type FieldName = (typeof FIELDS)[number];

/** Our own look at the form, before the server's. */
function mistakes(values: Record<FieldName, string>): Partial<Record<FieldName, string>> {
  return {
    ...(values.url.trim() === "" ? { url: text.urlMissing } : {}),
    ...(PROJECT_NAME.test(values.name) ? {} : { name: text.nameWrong }),
    ...(values.branch.trim() === "" ? { branch: text.branchMissing } : {}),
  };
}

/** Paste an address, look at what will be built of it, deploy; or one click for the example. */
export function ProjectForm() {
  const { platform, teams } = useSession();
  const choosable = teamsForProjects(teams);
  const { data } = useQuery(projectsQuery);
  const create = useCreateProject();
  const example = useCreateProject();
  const [chosen, setChosen] = useState<string | null>(null);
  const team = choosable.find(({ id }) => id === chosen) ?? choosable[0];
  // Names are a team's own.
  const taken = data?.items.filter((each) => each.team_id === team?.id).map((each) => each.name) ?? [];

  const [url, setUrl] = useState("");
  const [ownName, setOwnName] = useState<string | null>(null);
  const [branch, setBranch] = useState("main");
  const [settings, setSettings] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const advanced = useRef<HTMLDetailsElement>(null);

  const suggested = nameFromUrl(url);
  const name = ownName ?? (suggested ? freeName(suggested, taken) : "");
  const wrong = Object.keys(mistakesIn(settings)).length > 0;
  const own = tried ? mistakes({ url, name, branch }) : {};

  const wanted: PlanAsked | null =
    suggested && branch.trim() && !wrong
      ? {
          source: { provider: "git", url: url.trim(), branch: branch.trim(), ...toSource(settings) },
          build: toBuild(settings),
        }
      : null;
  const [asked, lookNow] = useSettled(wanted);
  const look = usePlan(asked);
  const refused = create.error ?? look.error;
  const errorOf = (field: FieldName): string | undefined =>
    own[field] ?? fieldOf(create.error, field === "name" ? field : `source.${field}`);
  // What no field shows is said above the button.
  const said =
    create.error instanceof ApiProblem &&
    Object.keys(create.error.fields).some((field) => /^(source|build)\.|^(name|url|branch)$/.test(field));
  const unsaid = create.error && !said ? create.error : example.error;

  // What can mend a refusal lies there, and a mistake must not be out of sight.
  useEffect(() => {
    if ((refused || (tried && wrong)) && advanced.current) advanced.current.open = true;
  }, [refused, tried, wrong]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong || Object.keys(mistakes({ url, name, branch })).length > 0) return;
    create.mutate({ name, team: team?.id, url: url.trim(), branch: branch.trim(), settings });
  };
  const tryExample = () => {
    if (!platform.example_repository) return;
    const address = platform.example_repository;
    const name = freeName("example", taken);
    example.mutate({ name, team: team?.id, url: address, branch: "main", settings: EMPTY });
  };
  const fields = { form: settings, onChange: setSettings, error: refused, onBlur: lookNow };

  return (
    <div className={styles.place}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.source}>
          <TextField
            label={text.url}
            help={text.urlHelp}
            error={errorOf("url")}
            placeholder={text.urlPlaceholder}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
            onBlur={lookNow}
            inputMode="url"
            code
          />
          <div className={styles.pair}>
            <TextField
              label={text.name}
              help={text.nameHelp}
              error={errorOf("name")}
              value={name}
              onChange={(event) => setOwnName(event.target.value)}
              maxLength={39}
            />
            <TextField
              label={text.branch}
              help={text.branchHelp}
              error={errorOf("branch")}
              value={branch}
              onChange={(event) => setBranch(event.target.value)}
              onBlur={lookNow}
              code
            />
          </div>
          {choosable.length > 1 ? (
            <SelectField
              label={text.team}
              help={text.teamHelp}
              value={team?.id}
              onChange={(event) => setChosen(event.target.value)}
              choices={choosable.map(({ id, name }) => [id, name])}
            />
          ) : null}
        </div>
        <div className={styles.plan}>
          <PlanView look={look} empty={asked ? undefined : planWords.before} help={planWords.refusedHelp} />
        </div>
        <details className={styles.settings} ref={advanced}>
          <summary>
            <ChevronRight aria-hidden />
            {planWords.settings}
          </summary>
          <div className={styles.inside}>
            <p className="meta">{planWords.settingsHelp}</p>
            <SourceFields {...fields} />
            <BuildFields {...fields} plan={look.plan} />
          </div>
        </details>
        <div className={styles.end}>
          <Problem error={unsaid} />
          <Button look="primary" type="submit" busy={create.isPending}>
            {create.isPending ? text.submitting : text.submit}
          </Button>
          {platform.example_repository ? (
            <div className={styles.example}>
              <p className={styles.question}>{text.or}</p>
              <p className="meta">{text.exampleHelp}</p>
              <Button busy={example.isPending} onClick={tryExample}>
                {text.example}
              </Button>
            </div>
          ) : null}
        </div>
      </form>
    </div>
  );
}
