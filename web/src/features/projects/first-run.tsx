import { BaseProgress } from "@/features/platform/base-progress";
import { projectWords } from "@/lib/words-projects";
import { ProjectForm } from "./project-form";
import styles from "./projects.module.css";

const text = projectWords.firstRun;

/** Three steps with the current one open. The other two happen on the deployment's own page. */
export function FirstRun() {
  return (
    <ol className={styles.steps}>
      <li className={`${styles.step} ${styles.now}`} aria-current="step">
        <span className={styles.number}>1</span>
        <div className={styles.stepBody}>
          <div>
            <h2>{text.paste}</h2>
            <p className="meta">{text.pasteHelp}</p>
          </div>
          <BaseProgress />
          <ProjectForm />
        </div>
      </li>
      <li className={`${styles.step} ${styles.later}`}>
        <span className={styles.number}>2</span>
        <div>
          <h2>{text.watch}</h2>
          <p className="meta">{text.watchHelp}</p>
        </div>
      </li>
      <li className={`${styles.step} ${styles.later}`}>
        <span className={styles.number}>3</span>
        <div>
          <h2>{text.open}</h2>
          <p className="meta">{text.openHelp}</p>
        </div>
      </li>
    </ol>
  );
}
