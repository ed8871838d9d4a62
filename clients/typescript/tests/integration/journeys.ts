/** Journeys through a server of the example, for Node.js and for a browser. Each resolves to what it has seen. */

import { Client, NotFound, Refused, type Session, type StatusError, Unauthorized } from "algomancy-client";

/** Tells whoever has begun a journey how far it is. */
export type Say = (line: string) => void;

/** A journey: `name` tells what it makes apart from what others make. */
export type Journey = (client: Client, url: string, name: string, say: Say) => Promise<unknown>;

const INSTANCE = new File(["name;comment;edge_weight_type;optimum;source\nSquare;;EUC_2D;;\n"], "instance.csv");

/** As many cities as need more than one packet. */
const CITIES = Array.from(
  { length: 1900 },
  (_, number) => `${number};${number % 71}.${"0".repeat(300)};${number % 67}\n`,
);

function cities(rows: string[]): File {
  return new File(["id;x;y\n", ...rows], "cities.csv");
}

/** Upload files, run a sweep on them, look at its KPIs, and be refused in several ways. */
const sweep: Journey = async (client, url, name, say) => {
  const session = await client.session();
  let loaded = 0;
  let total = 0;
  await session.upload(name, [INSTANCE, cities(CITIES)], {
    onProgress: (progress) => ({ loaded, total } = progress),
  });
  const data = await client.GET("/sessions/{session_id}/data", { params: { path: { session_id: session.id } } });
  say("uploaded");

  const grid = { start_city: [1, 2, 3] };
  const options = { tag: name, idempotencyKey: name };
  const runs = await session.sweep("Nearest neighbour", "Master data", grid, options);
  const again = await session.sweep("Nearest neighbour", "Master data", grid, options);
  let percent = 0;
  const ended = await session.waitFor(runs, { onProgress: (standing) => ({ percent } = standing) });
  const compared = await client.GET("/sessions/{session_id}/compare", {
    params: { path: { session_id: session.id }, query: { label: [`sweep:${name}`], baseline: runs[0]!.id } },
  });
  return {
    uploaded: loaded === total && total > 0 && data.keys.includes(name),
    refused: await refusalOf(session.upload(`${name} refused`, [INSTANCE, cities(["0;here;0\n"])])),
    tags: runs.map(({ tag }) => tag.slice(name.length)),
    again: again.map(({ id }) => id).join() === runs.map(({ id }) => id).join(),
    statuses: ended.map(({ status }) => status),
    kpis: Object.keys(ended[0]!.kpis).sort(),
    percent,
    compared: compared.scenarios.length,
    missing: await missingOf(client, session),
    unauthorized: await new Client({ url, token: "wrong" }).session().catch((error) => error instanceof Unauthorized),
    resumed: await resumed(client, session, name),
    followed: await followed(session, name),
  };
};

async function refusalOf(upload: Promise<unknown>): Promise<unknown> {
  const error = await upload.catch((reason: unknown) => reason);
  if (!(error instanceof Refused)) throw error;
  const { table, column, row, severity } = error.messages.find(({ row }) => row != null)!;
  return { table, column, row, severity };
}

async function missingOf(client: Client, session: Session): Promise<unknown> {
  const params = { path: { session_id: session.id, scenario_id: "none" } };
  const error = await client
    .GET("/sessions/{session_id}/scenarios/{scenario_id}", { params })
    .catch((reason) => reason);
  const { detail, status, requestId } = error as StatusError;
  return { isNotFound: error instanceof NotFound, detail, status, hasRequestId: !!requestId };
}

/** The types of the events of a new stream, and of one that goes on after the last event of it. */
async function resumed(client: Client, session: Session, name: string): Promise<string[]> {
  const types: string[] = [];
  let lastEventId: string | undefined;
  const label = `resumed:${name}`;
  for await (const { type, id } of session.events({ label })) {
    types.push(type);
    lastEventId = id;
    break;
  }
  const create = () =>
    client.POST("/sessions/{session_id}/scenarios", {
      params: { path: { session_id: session.id } },
      body: { tag: label, dataset_key: "Master data", algo_name: "Slow", labels: { resumed: name } },
    });
  for await (const { type } of session.events({ label, lastEventId, onConnection: () => void create() })) {
    types.push(type);
    break;
  }
  return types;
}

/** The last state of a scenario, by its own events, which end with it. */
async function followed(session: Session, name: string): Promise<unknown> {
  const [run] = await session.sweep("Slow", "Master data", { duration: [1] }, { tag: `${name} followed` });
  let last: unknown;
  for await (const { type, data } of session.scenarioEvents(run!.id)) {
    if (type !== "deleted") last = { status: data.status, progress: data.progress };
  }
  return last;
}

/** Wait for two runs and read their events, while somebody kills the server and starts it again. */
const restart: Journey = async (client, _url, name, say) => {
  const session = await copied(client, name);
  const runs = await session.sweep("Slow", "Master data", { duration: [20, 1] }, { tag: name });
  const connection: boolean[] = [];
  const watching = watch(session, name, runs[1]!.id, connection);
  const ended = await session.waitFor(runs, {
    onProgress: ({ percent }) => {
      if (percent > 0) say("running");
    },
  });
  return {
    runs: ended.map(({ status, interrupted = false }) => ({ status, interrupted })),
    ...(await watching),
    wasLost: connection[0] === true && connection.includes(false) && connection.at(-1) === true,
  };
};

/** A session of its own, so that its runs wait for no others. */
async function copied(client: Client, name: string): Promise<Session> {
  const params = { path: { session_id: (await client.session()).id } };
  await client.POST("/sessions/{session_id}/copy", { params, body: { new_display_name: name } });
  return client.session(name);
}

async function watch(session: Session, name: string, last: string, connection: boolean[]): Promise<object> {
  const types: string[] = [];
  const onConnection = (isConnected: boolean) => void connection.push(isConnected);
  for await (const { type, data } of session.events({ label: `sweep:${name}`, onConnection })) {
    types.push(type);
    const states = type === "snapshot" ? data.scenarios : type === "status" ? [data] : [];
    if (states.some(({ id, status }) => id === last && status === "complete")) break;
  }
  return { first: types[0], hasProgress: types.includes("progress") };
}

export const journeys: Record<string, Journey> = { sweep, restart };

/** Go on a journey, and say its outcome in JSON. */
export async function go(journey: string, url: string, token: string, name: string, say: Say): Promise<void> {
  try {
    const outcome = await journeys[journey]!(new Client({ url, token }), url, name, say);
    say(`outcome ${JSON.stringify(outcome)}`);
  } catch (error) {
    say(`error ${error instanceof Error ? error.stack : String(error)}`);
  }
}
