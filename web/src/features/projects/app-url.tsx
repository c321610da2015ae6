import type { Environment } from "@/lib/types";

/** The address as people read it: without scheme and final slash. */
export function readable(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}

/** A link to the running app. Only http and https are followed, whatever the server said. */
export function AppUrl({ environment, className }: { environment: Environment; className?: string }) {
  const text = readable(environment.url);
  if (!/^https?:\/\//.test(environment.url)) return <span className={`cut ${className ?? ""}`}>{text}</span>;
  return (
    <a
      href={environment.url}
      target="_blank"
      rel="noreferrer"
      className={`cut ${className ?? ""}`}
      title={environment.url}
    >
      {text}
    </a>
  );
}
