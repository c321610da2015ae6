import { ChevronRight, LoaderCircle } from "lucide-react";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { Facts, Skeleton } from "@/components/ui/page";
import { lineOf } from "@/lib/command";
import { sentenceOf } from "@/lib/problem";
import { shortHash } from "@/lib/repository";
import type { LanguagePlan, Plan } from "@/lib/types";
import { planWords } from "@/lib/words-plans";
import styles from "./builds.module.css";
import { textsOf } from "./form";
import type { Look } from "./use-plan";

const text = planWords;

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function sentence(plan: Plan): string {
  if (plan.way === "image") return text.image(plan.name);
  if (plan.way === "containerfile") return text.containerfile(plan.name);
  return capital(plan.plan?.summary ?? plan.name);
}

/** `Python 3.12 (.python-version)`: the fact, and the file that says so. */
function Fact({ said }: { said: string }) {
  const [, what, where] = /^(.*) \(([^()]*)\)$/.exec(said) ?? [];
  return where ? (
    <li>
      {what} <code className="third">{where}</code>
    </li>
  ) : (
    <li>{said}</li>
  );
}

/** A file that one may look at and take away. */
function FileText({ name, content, copy }: { name: string; content: string; copy: string }) {
  return (
    <details className={styles.file}>
      <summary>
        <ChevronRight aria-hidden />
        <code>{name}</code>
      </summary>
      <div className={styles.text}>
        <Copy text={content} label={copy} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <pre tabIndex={0}>{content}</pre>
      </div>
    </details>
  );
}

function Details({ plan }: { plan: LanguagePlan }) {
  const code = (value: string) => (value ? <code key={value}>{value}</code> : null);
  return (
    <>
      <Facts
        items={[
          [
            text.found,
            <ul key="found" className={styles.found}>
              {plan.found.map((each) => (
                <Fact key={each} said={each} />
              ))}
            </ul>,
          ],
          [text.facts.install, code(plan.install)],
          [text.facts.build, code(plan.build)],
          [text.facts.start, code(lineOf(plan.start))],
          [text.facts.port, <span key="port">{plan.port}</span>],
        ]}
      />
      {plan.notes.map((note) => (
        <Notice key={note} tone="warn">
          {note}
        </Notice>
      ))}
      <div>
        <FileText name={text.containerfileText} content={plan.containerfile} copy={text.copyContainerfile} />
        {Object.entries(plan.files).map(([name, content]) => (
          <FileText
            key={name}
            name={`.wisehosting/${name}`}
            content={content}
            copy={text.copyFile(`.wisehosting/${name}`)}
          />
        ))}
      </div>
    </>
  );
}

/** Which fields the repository's file takes out of one's hands. */
function Said({ plan }: { plan: Plan }) {
  if (!plan.settings_file) return null;
  const said = Object.entries(textsOf(plan.file)).filter(([, value]) => value !== "");
  const names = said.map(([name]) => text.fields[name as keyof typeof text.fields]);
  return <p className="meta">{names.length > 0 ? text.file(names.join(", ")) : text.fileEmpty}</p>;
}

type Props = { look: Look; empty?: string; help: string };

/** What is done now, or of which commit the plan is. */
function State({ look, empty }: Pick<Props, "look" | "empty">) {
  const { plan, error, looking } = look;
  if (looking)
    return (
      <span className={styles.state} title={text.lookingWhy}>
        <LoaderCircle className={styles.spin} aria-hidden />
        {text.looking}
      </span>
    );
  if (error) return null;
  if (!plan) return <span className="third">{empty ?? text.stopped}</span>;
  return (
    <span className="cut third" title={plan.subject}>
      <code>{shortHash(plan.commit)}</code> {plan.subject}
    </span>
  );
}

/** What would be built, and why, in words; or why nothing can be, and what to do about it. */
export function PlanView({ look, empty, help }: Props) {
  const { plan, error, looking } = look;
  const title = useId();
  return (
    <section className={styles.plan} aria-busy={looking} aria-labelledby={title}>
      <div className={styles.head}>
        <h3 id={title}>{text.plan}</h3>
        {looking ? (
          <Button small look="quiet" onClick={look.stop}>
            {text.stop}
          </Button>
        ) : plan || error ? (
          <Button small look="quiet" onClick={look.again}>
            {text.again}
          </Button>
        ) : empty ? null : (
          <Button small look="quiet" onClick={look.again}>
            {text.look}
          </Button>
        )}
      </div>
      <div className={styles.now} role="status">
        <State look={look} empty={empty} />
      </div>
      {error ? (
        <Notice tone="bad" title={text.refused}>
          <p>{sentenceOf(error)}</p>
          <p className={styles.help}>{help}</p>
        </Notice>
      ) : plan ? (
        <div className={look.old ? `${styles.told} ${styles.old}` : styles.told}>
          <p className={styles.sentence}>{sentence(plan)}</p>
          <Said plan={plan} />
          {plan.plan ? <Details plan={plan.plan} /> : null}
        </div>
      ) : looking ? (
        <div className={styles.told}>
          <Skeleton width="85%" height={20} />
          <Skeleton width="60%" height={96} />
        </div>
      ) : null}
    </section>
  );
}
