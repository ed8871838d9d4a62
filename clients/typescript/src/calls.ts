/** Typed calls of every route of the document, by openapi-fetch. */

import createApi, {
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
  type Client as OpenApiClient,
} from "openapi-fetch";
import { UnexpectedAnswer } from "./errors.js";
import type { Link } from "./link.js";
import { type Retries, answered, within } from "./retries.js";
import type { paths } from "./schema.js";

/** A client of openapi-fetch: `{ data, response }` for each call, with the errors of this package thrown. */
export type Api = OpenApiClient<paths, "application/json">;

type Method = "get" | "put" | "post" | "patch" | "delete";

type Arguments<Init> = undefined extends Init ? [init?: Init] : [init: Init];

type Body<Method_ extends Method, Path extends ClientPathsWithMethod<Api, Method_>, Init> = [
  MethodResponse<Api, Method_, Path, Init>,
] extends [never]
  ? undefined
  : MethodResponse<Api, Method_, Path, Init>;

/** A call of a path of the document with a method: `params`, `body` and the answer have the types that they have there. */
export type Call<Method_ extends Method> = <
  Path extends ClientPathsWithMethod<Api, Method_>,
  Init extends MaybeOptionalInit<paths[Path], Method_>,
>(
  path: Path,
  ...init: Arguments<Init>
) => Promise<Body<Method_, Path, Init>>;

/** The client of openapi-fetch over a link. */
export function apiOf(link: Link): Api {
  const api: Api = createApi<paths, "application/json">({
    baseUrl: link.base,
    fetch: (request) => send(link, request),
  });
  api.use({
    onRequest: async ({ request }) => {
      await link.equip(request.headers, request.method);
    },
  });
  return api;
}

/**
 * Send a request, again where that helps.
 *
 * @param patience Milliseconds: how long an attempt may take until its answer begins; without it, as long as `fetch` waits.
 * @throws {UnexpectedAnswer} The answer is a page, such as the one that a server of pages has for every path.
 */
export async function send(
  link: Link,
  request: Request,
  retries: Readonly<Retries> = link.retries,
  patience?: number,
): Promise<Response> {
  const once = () => link.fetch(request.clone());
  const limited = (silence: AbortSignal) =>
    link.fetch(request.clone(), { signal: AbortSignal.any([request.signal, silence]) });
  let attempts = 0;
  const attempt = async () => {
    attempts++;
    const response = await (patience === undefined ? once() : within(patience, limited));
    // An attempt whose answer was lost has deleted it.
    const isDone = request.method === "DELETE" && response.status === 404 && attempts > 1;
    return isDone ? new Response(null, { status: 204 }) : response;
  };
  const response = await answered(attempt, retries, request.signal);
  if (response.headers.get("Content-Type")?.startsWith("text/html")) {
    throw new UnexpectedAnswer(`${request.url} is a page: is the address that of an algomancy-api?`);
  }
  return response;
}
