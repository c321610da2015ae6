import { shortHash } from "@/lib/repository";
import { projectWords } from "@/lib/words-projects";
import styles from "./projects.module.css";

type Props = { commit?: string | null; subject?: string | null; author?: string | null };

/** Short hash, subject, author; the whole hash on hover. */
export function Commit({ commit, subject, author }: Props) {
  if (!commit) return null;
  return (
    <span className={styles.commit} title={`${commit}\n${subject ?? ""}`}>
      <code className="third">{shortHash(commit)}</code>
      <span className="cut">{subject}</span>
      {author ? <span className={`third ${styles.author}`}>{projectWords.header.by(author)}</span> : null}
    </span>
  );
}
