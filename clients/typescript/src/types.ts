/** Names for the types of the document that most programs need. All of them are in `Schemas`. */

import type { components } from "./schema.js";

/** Each schema of the document, by its name. */
export type Schemas = components["schemas"];

export type Comparison = Schemas["Comparison"];
export type EtlOutcome = Schemas["EtlOutcome"];
export type Kpi = Schemas["Kpi"];
export type Parameter = Schemas["Parameter"];
export type Range = Schemas["Range"];
export type Scenario = Schemas["Scenario"];
export type ScenarioChanges = Schemas["ScenarioChanges"];
export type ScenarioSummary = Schemas["ScenarioSummary"];
export type Status = Schemas["Status"];
export type ValidationMessage = Schemas["ValidationMessage"];

/** A scenario in an event: as `…/status` has it, and with KPIs once it has become `complete`. */
export interface ScenarioState extends Omit<Schemas["ScenarioStatus"], "traceback"> {
  kpis?: Record<string, Kpi>;
}
