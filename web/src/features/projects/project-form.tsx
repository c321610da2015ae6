import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSession } from "@/app/session-gate";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Problem } from "@/components/ui/notice";
import { ApiProblem, fieldOf } from "@/lib/problem";
import { projectsQuery } from "@/lib/queries";
import { freeName, nameFromUrl, PROJECT_NAME } from "@/lib/repository";
import { projectWords } from "@/lib/words-projects";
import { useCreateProject } from "./actions";
import styles from "./projects.module.css";

const text = projectWords.form;
const FIELDS = ["url", "name", "branch", "root_directory"] as const;
type FieldName = (typeof FIELDS)[number];

/** Our own look at the form, before the server's. */
function mistakes(values: Record<FieldName, string>): Partial<Record<FieldName, string>> {
  return {
    ...(values.url.trim() === "" ? { url: text.urlMissing } : {}),
    ...(PROJECT_NAME.test(values.name) ? {} : { name: text.nameWrong }),
    ...(values.branch.trim() === "" ? { branch: text.branchMissing } : {}),
  };
}

/** Paste an address, look at the suggested name, deploy; or one click for the example. */
export function ProjectForm() {
  const { platform } = useSession();
  const { data } = useQuery(projectsQuery);
  const create = useCreateProject();
  const example = useCreateProject();
  const taken = data?.items.map((each) => each.name) ?? [];

  const [url, setUrl] = useState("");
  const [ownName, setOwnName] = useState<string | null>(null);
  const [branch, setBranch] = useState("main");
  const [root, setRoot] = useState("");
  const [tried, setTried] = useState(false);

  const suggested = nameFromUrl(url);
  const name = ownName ?? (suggested ? freeName(suggested, taken) : "");
  const own = tried ? mistakes({ url, name, branch, root_directory: root }) : {};
  const errorOf = (field: FieldName): string | undefined =>
    own[field] ?? fieldOf(create.error, field === "name" ? field : `source.${field}`);
  // What no field shows is said above the button.
  const said = FIELDS.some((field) => errorOf(field));
  const unsaid = create.error && !(create.error instanceof ApiProblem && said) ? create.error : example.error;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(mistakes({ url, name, branch, root_directory: root })).length > 0) return;
    create.mutate({ name, url: url.trim(), branch: branch.trim(), rootDirectory: root.trim() });
  };
  const tryExample = () => {
    if (!platform.example_repository) return;
    const address = platform.example_repository;
    example.mutate({ name: freeName("example", taken), url: address, branch: "main", rootDirectory: "" });
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextField
        label={text.url}
        help={text.urlHelp}
        error={errorOf("url")}
        placeholder={text.urlPlaceholder}
        value={url}
        onChange={(event) => setUrl(event.target.value)}
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
          code
        />
      </div>
      <details className={styles.advanced} open={errorOf("root_directory") ? true : undefined}>
        <summary>{text.advanced}</summary>
        <TextField
          label={text.root}
          help={text.rootHelp}
          error={errorOf("root_directory")}
          placeholder={text.rootPlaceholder}
          value={root}
          onChange={(event) => setRoot(event.target.value)}
          code
        />
      </details>
      <Problem error={unsaid} />
      <div className={styles.buttons}>
        <Button look="primary" type="submit" busy={create.isPending}>
          {create.isPending ? text.submitting : text.submit}
        </Button>
      </div>
      {platform.example_repository ? (
        <div className={styles.example}>
          <p className={styles.question}>{text.or}</p>
          <p className="meta">{text.exampleHelp}</p>
          <Button busy={example.isPending} onClick={tryExample}>
            {text.example}
          </Button>
        </div>
      ) : null}
    </form>
  );
}
