import { Link } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { Menu, MenuItem } from "@/components/ui/menu";
import { StatusMark } from "@/components/ui/status";
import { statusOf } from "@/features/projects/status-of";
import type { Project } from "@/lib/types";
import { words } from "@/lib/words";
import styles from "./breadcrumb.module.css";

/** All projects to jump to; typing goes to the first that begins so. */
export default function ProjectSwitcher({ projects }: { projects: Project[] }) {
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={styles.crumb} aria-label={words.frame.switchProject}>
          <ChevronsUpDown aria-hidden />
        </button>
      }
    >
      {projects.map((each) => (
        <MenuItem key={each.id} render={<Link to="/projects/$projectId" params={{ projectId: each.id }} />}>
          <StatusMark status={statusOf(each)} />
          <span className="cut">{each.name}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}
