/** The API's nouns. The one place that knows how the generated schema names them. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Project = Schemas["Project"];
export type Environment = Schemas["Environment"];
export type Deployment = Schemas["Deployment"];
export type Phase = Schemas["Phase"];
export type Instance = Schemas["Instance"];
export type Worker = Schemas["Worker"];
export type BaseImage = Schemas["Base"];
export type Platform = Schemas["Platform"];
export type CheckResult = Schemas["CheckResult"];
export type Variables = Schemas["Variables"];
export type VariableScope = "run" | "build" | "both";
export type Token = Schemas["Token"];
export type TokenScope = "read" | "deploy" | "admin";

export type Page<Item> = { items: Item[]; next_cursor?: string | null };
