/** The TypeScript client of algomancy-api. */

export type { Api, Call } from "./calls.js";
export { Client } from "./client.js";
export * from "./errors.js";
export type { Filter, ScenarioEvent, SessionEvent, StreamOptions } from "./events.js";
export type { ClientOptions } from "./link.js";
export { RETRIES, type Retries } from "./retries.js";
export type { components, operations, paths } from "./schema.js";
export type { Session } from "./session.js";
export type { Grid, SweepOptions } from "./sweeps.js";
export type * from "./types.js";
export type { UploadOptions, UploadProgress } from "./uploads.js";
export type { Standing, WaitOptions } from "./waiting.js";
