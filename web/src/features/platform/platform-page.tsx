import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useSession } from "@/app/session-gate";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts, Page, Setting, SkeletonRows } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { Disk } from "@/features/workers/disk";
import { platformQuery, workersQuery } from "@/lib/queries";
import { duration } from "@/lib/time";
import type { Platform, Worker } from "@/lib/types";
import { words } from "@/lib/words";
import { platformWords } from "@/lib/words-platform";
import { type BaseEverywhere, basesOf, diskOf } from "./everywhere";
import styles from "./platform.module.css";
import { Repositories } from "./repositories";

const text = platformWords;

function State({ platform }: { platform: Platform }) {
  const ready = platform.state === "ready";
  return (
    <>
      <p className={styles.state}>
        <Status status={ready ? "ready" : "preparing"} />
        {ready ? <span className="second">{text.readyHelp}</span> : null}
      </p>
      {ready ? null : <Notice tone="warn">{platform.detail}</Notice>}
    </>
  );
}

function Base({ base }: { base: BaseEverywhere }) {
  return (
    <li className={styles.base}>
      <code className="cut" title={base.name}>
        {base.short}
      </code>
      <Status status={base.status} />
      <span className="third numbers">
        {base.workers > 0 ? text.baseOn(base.ready, base.workers) : null}
        {base.seconds ? ` · ${duration(base.seconds)}` : null}
        {base.onDemand ? ` · ${text.onDemand}` : null}
      </span>
      {base.detail ? <span className={`meta ${styles.why}`}>{base.detail}</span> : null}
    </li>
  );
}

function Storage({ workers }: { workers: Worker[] | undefined }) {
  const { user } = useSession();
  if (!user.operator) return <p className="third">{text.storageHidden}</p>;
  if (!workers) return <SkeletonRows rows={1} />;
  const disk = diskOf(workers);
  return disk ? (
    <div className={styles.storage}>
      <Disk disk={disk} />
    </div>
  ) : (
    <p className="third">{text.storageUnknown}</p>
  );
}

function Parts({ platform }: { platform: Platform }) {
  const { user, platform: facts } = useSession();
  const { data } = useQuery({ ...workersQuery, enabled: user.operator });
  const bases = basesOf(platform, data?.items);
  const ready = words.frame.workersReady(platform.workers.ready, platform.workers.total);
  return (
    <div className={styles.parts}>
      <Setting title={text.state}>
        <State platform={platform} />
        <Facts
          items={[
            [text.version, platform.version],
            [text.kind, platform.local ? text.local : text.installed],
            [
              text.appsDomain,
              <span key="domain">
                <code>{platform.apps_domain}</code>
                <span className="meta"> {text.appsDomainHelp(platform.apps_domain)}</span>
              </span>,
            ],
            [
              text.workers,
              user.operator ? (
                <Link key="workers" to="/workers">
                  {ready}
                </Link>
              ) : (
                ready
              ),
            ],
          ]}
        />
      </Setting>
      <Setting title={text.storage} help={text.storageHelp}>
        <Storage workers={data?.items} />
      </Setting>
      <Setting title={text.bases} help={text.basesHelp}>
        {bases.length === 0 ? <p className="third">{text.noBases}</p> : null}
        <ul className={styles.bases}>
          {bases.map((base) => (
            <Base key={base.name} base={base} />
          ))}
        </ul>
      </Setting>
      <Setting
        title={text.pushes}
        help={
          <>
            {text.polled(facts.poll_seconds)} {text.polledHelp}
          </>
        }
      >
        <div className={styles.said}>
          <p>
            <strong>{text.hook}</strong> {text.hookHelp}
          </p>
          <p className="second">{platform.local ? text.hookLocal : text.hookReach}</p>
          <p className="second">{text.checkHelp}</p>
        </div>
        <Repositories />
      </Setting>
    </div>
  );
}

/** The platform itself: whether it can work, on what, and how it learns of pushes. */
export function PlatformPage() {
  const { data, error, refetch } = useQuery(platformQuery);
  return (
    <Page title={text.title}>
      {data ? (
        <Parts platform={data} />
      ) : error ? (
        <Problem error={error} title={words.errors.title} retry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Page>
  );
}
