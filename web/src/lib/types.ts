/** The API's nouns. The one place that knows how the generated schema names them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Session = Schemas["SessionView"];
export type Project = Schemas["ProjectView"];
export type Environment = Schemas["EnvironmentView"];
export type Deployment = Schemas["DeploymentView"];
export type Phase = Schemas["PhaseView"];
export type Build = Schemas["BuildView"];
export type BuildPlan = Schemas["BuildPlanView"];
export type BuildStep = Schemas["BuildStepView"];
export type Release = Schemas["ReleaseView"];
export type Changes = Schemas["ReleaseChangesView"];
export type Disk = Schemas["DiskView"];
export type Instance = Schemas["InstanceView"];
export type Worker = Schemas["WorkerView"];
export type WorkerLoad = Schemas["WorkerLoadView"];
export type BaseImage = Schemas["BaseView"];
export type Platform = Schemas["PlatformView"];
export type CheckResult = Schemas["CheckView"];
export type Variables = Schemas["VariablesView"];
export type VariableScope = Schemas["VariableScope"];
export type Plan = Schemas["PlanView"];
export type LanguagePlan = Schemas["LanguagePlanView"];
export type PlanAsked = Schemas["PlanAsked"];
export type BuildSettings = Schemas["BuildSettingsBody"];
export type FileSettings = Schemas["FileSettingsView"];
export type Token = Schemas["TokenView"];
export type TokenScope = Schemas["Scope"];
export type Role = Schemas["Role"];
export type Team = Schemas["TeamRow"];
export type TeamDetail = Schemas["TeamDetail"];
export type Member = Schemas["MemberView"];
export type Invitation = Schemas["InvitationView"];
export type ProjectRole = Schemas["ProjectRoleView"];
export type Offer = Schemas["OfferView"];
export type BrowserSession = Schemas["BrowserSessionView"];
export type Factors = Schemas["FactorsView"];
export type Proof = Schemas["Proof"];
export type SignIn = Schemas["HalfSignedInView"];
export type NewTotp = Schemas["NewTotpView"];
export type Passkey = Schemas["PasskeyView"];
export type AuditEvent = Schemas["AuditEventView"];

export type Page<Item> = { items: Item[]; next_cursor?: string | null };
