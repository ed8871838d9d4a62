/** One session: what a program does with it that is more than one call. */

import type { Api } from "./calls.js";
import {
  type Filter,
  type ScenarioEvent,
  type SessionEvent,
  type StreamOptions,
  events,
  pathOfScenario,
  pathOfSession,
} from "./events.js";
import type { Link } from "./link.js";
import { type Grid, type SweepOptions, sweep } from "./sweeps.js";
import type { EtlOutcome, ScenarioSummary } from "./types.js";
import { type UploadOptions, upload } from "./uploads.js";
import { type WaitOptions, waitFor } from "./waiting.js";

/** One session of a server. */
export class Session {
  readonly #link: Link;
  readonly #api: Api;

  /**
   * @param id Its id, which never changes.
   * @param name Its display name, as of when it was asked for.
   */
  constructor(
    link: Link,
    api: Api,
    readonly id: string,
    readonly name: string,
  ) {
    this.#link = link;
    this.#api = api;
  }

  /**
   * The events of its scenarios and datasets, over lost connections and restarts of the server, until it is deleted.
   *
   * @throws {ConnectionFailed} The server has been away for longer than `retries.outage`.
   */
  events(options: StreamOptions & Filter = {}): AsyncGenerator<SessionEvent, void, undefined> {
    return events<SessionEvent>(this.#link, pathOfSession(this.id, options), options);
  }

  /** The events of one scenario, in the same way, until it has ended or is deleted. */
  scenarioEvents(scenarioId: string, options: StreamOptions = {}): AsyncGenerator<ScenarioEvent, void, undefined> {
    return events<ScenarioEvent>(this.#link, pathOfScenario(this.id, scenarioId), options);
  }

  /**
   * Wait until runs have ended, over restarts of the server. Nothing that ends the wait ends the runs.
   *
   * @param runs Scenarios, or their ids.
   * @returns The scenarios as they are then, in this order, without those that are deleted meanwhile. One that a restart
   *   has cut off is `created` again, and `interrupted`.
   * @throws {NotFound} There is no such scenario.
   * @throws {WaitTimeout} They have not ended in time.
   * @throws {ConnectionFailed} The server has been away for longer than `retries.outage`.
   */
  waitFor(runs: Iterable<string | { id: string }>, options: WaitOptions = {}): Promise<ScenarioSummary[]> {
    if (typeof runs === "string") throw new TypeError("waitFor takes a list of scenarios or ids");
    const ids = new Set(Array.from(runs, (run) => (typeof run === "string" ? run : run.id)));
    return waitFor(this.#link, this.#api, this.id, [...ids], options);
  }

  /**
   * Upload files, such as those of an `<input type="file">`, of which the ETL of the server makes a dataset.
   *
   * @param key The key of the dataset.
   * @param files Their names without the extension are those of schemas.
   * @returns The outcome, with warnings in its messages.
   * @throws {Refused} The data is not valid; `messages` says why, by table, row and column.
   */
  upload(key: string, files: Iterable<File> | ArrayLike<File>, options: UploadOptions = {}): Promise<EtlOutcome> {
    return upload(this.#link, this.id, key, Array.from(files), options);
  }

  /**
   * Create a scenario for each combination of values, all or none, and put them into the queue.
   *
   * @param algorithm The name of the algorithm.
   * @param datasets The key of the dataset, or the keys of several.
   * @param grid The values of each parameter.
   * @throws {BadRequest} A parameter has no such value.
   * @throws {NotFound} There is no such algorithm or dataset.
   * @throws {Unprocessable} There are too many combinations.
   */
  sweep(
    algorithm: string,
    datasets: string | readonly string[],
    grid: Grid,
    options: SweepOptions = {},
  ): Promise<ScenarioSummary[]> {
    return sweep(this.#api, this.id, algorithm, datasets, grid, options);
  }
}
