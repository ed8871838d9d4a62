/** What can go wrong: one tree, with a class for each status that a program may want to tell apart. */

import type { ScenarioState, ValidationMessage } from "./types.js";

/** Characters: how much of a body is shown that is not of the API, such as the page of a proxy. */
const MOST_SHOWN = 200;

/** Messages: how many of them the text of `Refused` has. */
const MOST_LINES = 50;

/** The base of all errors of this package. An abort is none of them: it rejects with the `reason` of its signal. */
export class AlgomancyError extends Error {
  override name = "AlgomancyError";
}

/** The server gave no answer, however often it was asked. `cause` is what `fetch` says. */
export class ConnectionFailed extends AlgomancyError {
  override name = "ConnectionFailed";
}

/** The answer is not one of an algomancy-api, such as the page of a proxy. */
export class UnexpectedAnswer extends AlgomancyError {
  override name = "UnexpectedAnswer";
}

/** The server has refused a request, or failed. */
export class StatusError extends AlgomancyError {
  override name = "StatusError";

  /**
   * @param detail What the server says.
   * @param status The status of its answer.
   * @param requestId What the log of the server calls the request; undefined if something before the server answered.
   * @param retryAfter Milliseconds: the pause that the server asks for; undefined for none.
   */
  constructor(
    readonly detail: string,
    readonly status: number,
    readonly requestId?: string,
    readonly retryAfter?: number,
  ) {
    super(`${detail} (status ${status}${requestId === undefined ? "" : `, request ${requestId}`})`);
  }
}

/** 400: a wrong value, such as a parameter, a file or a name. */
export class BadRequest extends StatusError {
  override name = "BadRequest";
}

/** 401: the token is missing or unknown. */
export class Unauthorized extends StatusError {
  override name = "Unauthorized";
}

/** 403: the token may not do this, or nobody may. */
export class Forbidden extends StatusError {
  override name = "Forbidden";
}

/** 404: there is no such session, dataset, scenario, table or algorithm. */
export class NotFound extends StatusError {
  override name = "NotFound";
}

/** 409: a name is taken, a dataset is in use, or a scenario is in another state. */
export class Conflict extends StatusError {
  override name = "Conflict";
}

/** 410: the log of a run that is deleted. */
export class Gone extends StatusError {
  override name = "Gone";
}

/** 413: a body is beyond the limits of the server. */
export class TooLarge extends StatusError {
  override name = "TooLarge";
}

/** 422: a part of the request has no meaning. */
export class Unprocessable extends StatusError {
  override name = "Unprocessable";
}

/** 429: too many requests, streams or runs of this client. */
export class TooManyRequests extends StatusError {
  override name = "TooManyRequests";
}

/** 500 and above: the server has failed. */
export class ServerError extends StatusError {
  override name = "ServerError";
}

/** 503: the server, or what it needs, is busy or away. */
export class Unavailable extends ServerError {
  override name = "Unavailable";
}

/** 507: a disk of the server is full. */
export class StorageFull extends ServerError {
  override name = "StorageFull";
}

/** The data of an upload is refused; there is no new dataset. */
export class Refused extends AlgomancyError {
  override name = "Refused";

  /**
   * @param key The key that the dataset would have.
   * @param messages What the server says of the data, with table, row and column where it names them.
   */
  constructor(
    readonly key: string,
    readonly messages: readonly ValidationMessage[],
  ) {
    super([`Dataset ${JSON.stringify(key)} is refused:`, ...linesOf(messages)].join("\n  "));
  }
}

/** Runs have not ended in time. They go on, and can be waited for again. */
export class WaitTimeout extends AlgomancyError {
  override name = "WaitTimeout";

  /** @param scenarios The states of the scenarios, as far as they are known. */
  constructor(readonly scenarios: readonly ScenarioState[]) {
    super(`Of ${scenarios.length} runs, not all have ended in time; they go on`);
  }
}

const CLASS_OF_STATUS: Readonly<Record<number, typeof StatusError>> = {
  400: BadRequest,
  401: Unauthorized,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  410: Gone,
  413: TooLarge,
  422: Unprocessable,
  429: TooManyRequests,
  503: Unavailable,
  507: StorageFull,
};

/** The error that an answer of 300 and above means. Its body is read. */
export async function errorOf(response: Response): Promise<StatusError> {
  const { headers, status } = response;
  const others = status >= 500 ? ServerError : StatusError;
  return new (CLASS_OF_STATUS[status] ?? others)(
    detailOf(await response.text()) || response.statusText || "No reason given",
    status,
    headers.get("X-Request-ID") ?? undefined,
    millisecondsOf(headers.get("Retry-After")),
  );
}

/** The pause in a `Retry-After`, a number of seconds or a date; undefined if there is none that can be read. */
function millisecondsOf(retryAfter: string | null): number | undefined {
  const text = retryAfter?.trim() ?? "";
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

function detailOf(body: string): string {
  try {
    const detail: unknown = JSON.parse(body).detail;
    if (detail !== undefined) return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    // It is not of the API.
  }
  return body.trim().slice(0, MOST_SHOWN);
}

function linesOf(messages: readonly ValidationMessage[]): string[] {
  const lines = messages.filter(({ severity }) => severity !== "INFO").map(textOf);
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more in \`messages\``];
}

function textOf({ table, row, column, message }: ValidationMessage): string {
  const where = [table, row == null ? null : `row ${row}`, column].filter((each) => each != null).join(", ");
  return where ? `${where}: ${message}` : message;
}
