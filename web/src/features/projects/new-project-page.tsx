import { Page } from "@/components/ui/page";
import { BaseProgress } from "@/features/platform/base-progress";
import { projectWords } from "@/lib/words-projects";
import { ProjectForm } from "./project-form";

export function NewProjectPage() {
  return (
    <Page title={projectWords.form.title}>
      <BaseProgress />
      <ProjectForm />
    </Page>
  );
}
