import { Link } from "@tanstack/react-router";
import {
  Boxes,
  CircleStop,
  Ellipsis,
  ExternalLink,
  History,
  RefreshCw,
  RotateCw,
  ScrollText,
  Settings2,
  Variable,
} from "lucide-react";
import { Age } from "@/components/ui/age";
import { Button } from "@/components/ui/button";
import { Copy } from "@/components/ui/copy";
import { Menu, MenuItem, MenuRule } from "@/components/ui/menu";
import { Problem } from "@/components/ui/notice";
import { Status } from "@/components/ui/status";
import { useCancel, useRestart } from "@/features/deployments/changing";
import { NotWell } from "@/features/processes/summary";
import { useWhyNot } from "@/features/teams/use-role";
import type { Project } from "@/lib/types";
import { words } from "@/lib/words";
import { projectWords } from "@/lib/words-projects";
import { changeWords } from "@/lib/words-running";
import { useDeploy } from "./actions";
import { AppUrl } from "./app-url";
import { activeOf, whyNoCancel, whyNoRestart } from "./blocked";
import { CheckLine } from "./check-line";
import { Commit } from "./commit";
import styles from "./projects.module.css";
import { newest, production, statusOf } from "./status-of";

const text = projectWords.header;

/** Name, URL, status with its age, commit; one button and a menu for the rest. */
export function ProjectHeader({ project }: { project: Project }) {
  const deploy = useDeploy();
  const restart = useRestart();
  const cancel = useCancel();
  const why = useWhyNot(project);
  const environment = production(project);
  const latest = newest(project);
  const active = activeOf(environment);
  const params = { projectId: project.id };
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1 className="cut" title={project.name}>
            {project.name}
          </h1>
          {environment ? (
            <span className={styles.url}>
              <AppUrl environment={environment} />
              <Copy text={environment.url} label={text.copyUrl} />
            </span>
          ) : null}
        </div>
        <div className={styles.buttons}>
          <Menu
            trigger={
              <Button look="quiet" icon aria-label={words.actions.more}>
                <Ellipsis aria-hidden />
              </Button>
            }
          >
            <MenuItem
              why={why ?? whyNoRestart(project, environment)}
              onClick={() => environment && restart.mutate(environment.id)}
            >
              <RotateCw aria-hidden />
              {changeWords.restart}
            </MenuItem>
            <MenuItem
              danger={active !== null}
              why={why ?? whyNoCancel(project, environment)}
              onClick={() => active && cancel.mutate(active.id)}
            >
              <CircleStop aria-hidden />
              {active ? changeWords.cancel(active.number) : changeWords.cancelNone}
            </MenuItem>
            <MenuRule />
            {environment ? (
              <MenuItem render={<a href={environment.url} target="_blank" rel="noreferrer" />}>
                <ExternalLink aria-hidden />
                {text.openUrl}
              </MenuItem>
            ) : null}
            <MenuItem render={<Link to="/projects/$projectId/deployments" params={params} />}>
              <History aria-hidden />
              {projectWords.tabs.deployments}
            </MenuItem>
            <MenuItem render={<Link to="/projects/$projectId/processes" params={params} />}>
              <Boxes aria-hidden />
              {projectWords.tabs.processes}
            </MenuItem>
            <MenuItem render={<Link to="/projects/$projectId/logs" params={params} />}>
              <ScrollText aria-hidden />
              {projectWords.tabs.logs}
            </MenuItem>
            <MenuItem render={<Link to="/projects/$projectId/variables" params={params} />}>
              <Variable aria-hidden />
              {projectWords.tabs.variables}
            </MenuItem>
            <MenuItem render={<Link to="/projects/$projectId/settings" params={params} />}>
              <Settings2 aria-hidden />
              {projectWords.tabs.settings}
            </MenuItem>
          </Menu>
          <Button
            look="primary"
            why={why}
            busy={deploy.isPending}
            onClick={() => deploy.mutate({ projectId: project.id })}
          >
            {deploy.isPending ? text.deploying : text.deploy}
          </Button>
        </div>
        <div className={styles.state}>
          <span className={styles.url}>
            <Status status={statusOf(project)} />
            {latest ? (
              <span className="third">
                &nbsp;
                <Age at={project.deleted_at ?? latest.finished_at ?? latest.created_at} />
              </span>
            ) : null}
          </span>
          {environment && !project.deleted_at ? (
            <NotWell projectId={project.id} environment={environment} />
          ) : null}
          {latest ? <Commit {...latest} /> : <span className="third">{text.notLive}</span>}
        </div>
      </header>
      <Problem error={deploy.error ?? restart.error ?? cancel.error} />
      <CheckLine project={project} refreshIcon={<RefreshCw aria-hidden />} />
    </>
  );
}
