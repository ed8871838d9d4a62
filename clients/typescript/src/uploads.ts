/** Uploads of files, with their progress. */

import { Refused, UnexpectedAnswer } from "./errors.js";
import type { Link } from "./link.js";
import { answered } from "./retries.js";
import type { EtlOutcome } from "./types.js";

/** How far an upload is, in bytes. After a failed attempt, it begins anew. */
export interface UploadProgress {
  loaded: number;
  total: number;
}

/** How files are uploaded. */
export interface UploadOptions {
  /** Whether it may replace a dataset of this key that scenarios use. */
  replace?: boolean | undefined;
  /** Called as bytes are sent. The ETL begins when all are. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Ends the upload; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** One attempt of an upload. */
interface Attempt {
  url: string;
  headers: Headers;
  form: FormData;
  bytes: number;
  onProgress: ((progress: UploadProgress) => void) | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Upload files, of which the ETL of the server makes a dataset.
 *
 * @param files Their names without the extension are those of schemas.
 * @returns Its outcome, with warnings in its messages.
 * @throws {Refused} The data is not valid.
 */
export async function upload(
  link: Link,
  sessionId: string,
  key: string,
  files: readonly File[],
  { replace, onProgress, signal }: UploadOptions = {},
): Promise<EtlOutcome> {
  const headers = await link.equip(new Headers({ Accept: "application/json" }), "POST");
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const url = `${link.base}/sessions/${encodeURIComponent(sessionId)}/etl${replace ? "?replace=true" : ""}`;
  const send = () => sendOnce(link, { url, headers, form: formOf(key, files), bytes, onProgress, signal });
  const outcome = await outcomeOf(await answered(send, link.retries, signal));
  if (!outcome.success) throw new Refused(key, outcome.messages);
  return outcome;
}

async function outcomeOf(response: Response): Promise<EtlOutcome> {
  try {
    return (await response.json()) as EtlOutcome;
  } catch (error) {
    throw new UnexpectedAnswer("The answer to an upload is not JSON", { cause: error });
  }
}

function formOf(key: string, files: readonly File[]): FormData {
  const form = new FormData();
  form.set("dataset_name", key);
  for (const file of files) form.append("files", file, file.name);
  return form;
}

/** Send a form by what tells how far it is: a browser's `fetch` does not, and Node.js has nothing else. */
function sendOnce(link: Link, attempt: Attempt): Promise<Response> {
  if (attempt.onProgress === undefined) return sendPlainly(link, attempt);
  return link.isPlain && "XMLHttpRequest" in globalThis ? sendByXhr(attempt) : sendCounted(link, attempt);
}

function sendPlainly(link: Link, { url, headers, form, signal }: Attempt): Promise<Response> {
  return link.fetch(url, { method: "POST", headers, body: form, ...(signal && { signal }) });
}

function sendByXhr({ url, headers, form, onProgress, signal }: Attempt): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", url);
    request.responseType = "blob";
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total }) => onProgress?.({ loaded, total });
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError("The connection was lost"));
    request.onabort = () => reject(signal?.reason);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    request.send(form);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const lines = request.getAllResponseHeaders().trim().split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Response(request.response, { status: request.status, statusText: request.statusText, headers });
}

/** Send a form as a stream, whose bytes are counted as they are taken. */
async function sendCounted(link: Link, { url, headers, form, bytes, onProgress, signal }: Attempt): Promise<Response> {
  const encoded = new Response(form);
  const own = new Headers(headers);
  own.set("Content-Type", encoded.headers.get("Content-Type")!);
  let taken = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      taken += chunk.byteLength;
      // What stands around the files in the form does not count.
      onProgress?.({ loaded: Math.min(taken, bytes), total: bytes });
      controller.enqueue(chunk);
    },
  });
  const body = encoded.body!.pipeThrough(counting);
  const init = { method: "POST", headers: own, body, duplex: "half", ...(signal && { signal }) };
  return link.fetch(url, init as RequestInit);
}
