/** A client of one server. */

import { type Api, type Call, apiOf } from "./calls.js";
import { NotFound } from "./errors.js";
import { type ClientOptions, Link } from "./link.js";
import { Session } from "./session.js";

/**
 * A client of one server.
 *
 * `GET`, `POST` and the others take each path of the document, and resolve to the body of the answer; `api` is the client
 * of openapi-fetch below them, for the headers of the answer. Every call throws the errors of this package.
 */
export class Client {
  readonly api: Api;
  readonly GET: Call<"get">;
  readonly PUT: Call<"put">;
  readonly POST: Call<"post">;
  readonly PATCH: Call<"patch">;
  readonly DELETE: Call<"delete">;
  readonly #link: Link;

  constructor(options: ClientOptions) {
    this.#link = new Link(options);
    this.api = apiOf(this.#link);
    this.GET = bodyOf(this.api.GET);
    this.PUT = bodyOf(this.api.PUT);
    this.POST = bodyOf(this.api.POST);
    this.PATCH = bodyOf(this.api.PATCH);
    this.DELETE = bodyOf(this.api.DELETE);
  }

  /**
   * A session by its name or id; without one, the default session.
   *
   * @throws {NotFound} There is none.
   */
  async session(name?: string): Promise<Session> {
    const list = await this.GET("/sessions");
    const found =
      list.sessions.find(({ id }) => id === (name ?? list.default)) ??
      list.sessions.find(({ display_name }) => display_name === name);
    if (found === undefined) {
      const names = list.sessions.map(({ display_name }) => `'${display_name}'`).join(", ");
      throw new NotFound(`Session '${name ?? list.default}' not found; there are ${names || "none"}`, 404);
    }
    return new Session(this.#link, this.api, found.id, found.display_name);
  }
}

/** A call of openapi-fetch that resolves to the body of the answer. The types of both follow from the document. */
function bodyOf(call: (...rest: any[]) => Promise<{ data?: any }>): (...rest: any[]) => Promise<any> {
  return async (...rest) => (await call(...rest)).data;
}
