/** The link to one server: its address, what each request carries, and how it is sent. */

import { RETRIES, type Retries } from "./retries.js";

/** What a client is made with. */
export interface ClientOptions {
  /** The address of the server, such as `https://algomancy.example`; in a browser also a path, such as `/tools/algomancy`. */
  url: string;
  /** The path of the API below it. */
  prefix?: string | undefined;
  /** A token, or a function that gives the one of the moment: it is asked for each request. */
  token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** How often a request is sent again, as far as it differs from `RETRIES`; `{ attempts: 1 }` for no retry. */
  retries?: Partial<Retries> | undefined;
  /** What sends requests, instead of the `fetch` of the platform. */
  fetch?: typeof fetch | undefined;
}

/** The link to one server. */
export class Link {
  /** The address of the API, without a slash at its end. */
  readonly base: string;
  readonly retries: Readonly<Retries>;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.base = options.url.replace(/\/+$/, "") + (options.prefix ?? "/api/v1").replace(/\/+$/, "");
    this.retries = { ...RETRIES, ...options.retries };
    this.#options = options;
  }

  /** Whether requests are sent by the `fetch` of the platform, beside which a browser has an `XMLHttpRequest`. */
  get isPlain(): boolean {
    return this.#options.fetch === undefined;
  }

  /** Send a request once. */
  fetch(request: Request | string, init?: RequestInit): Promise<Response> {
    return (this.#options.fetch ?? fetch)(request, init);
  }

  /** Add to headers what a request of a method carries, unless they have it. */
  async equip(headers: Headers, method: string): Promise<Headers> {
    const { token } = this.#options;
    const value = typeof token === "function" ? await token() : token;
    if (value !== undefined && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${value}`);
    // Each attempt has the same key: the server carries the request out once.
    if (method === "POST" && !headers.has(KEY)) headers.set(KEY, hexadecimal(16));
    return headers;
  }
}

const KEY = "Idempotency-Key";

/** So many random bytes, as hexadecimal digits. A page that did not come over TLS has no `crypto.randomUUID`. */
export function hexadecimal(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
