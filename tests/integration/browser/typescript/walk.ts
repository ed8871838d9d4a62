// A typed client's walk through the API: a session, a scenario in it, its run, and its status until it has ended.
// Usage: node walk.js ADDRESS    (of the API, its prefix included)
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];

interface Answer<Body> {
  data?: Body;
  error?: Schemas["Error"];
  response: Response;
}

function bodyOf<Body>({ data, error, response }: Answer<Body>): Body {
  if (data === undefined) {
    throw new Error(`${response.status} ${response.url}: ${error?.detail}`);
  }
  return data;
}

const client = createClient<paths>({ baseUrl: process.argv[2]! });

async function statusOf(session_id: string, scenario_id: string): Promise<Schemas["ScenarioStatus"]> {
  const path = { session_id, scenario_id };
  return bodyOf(await client.GET("/sessions/{session_id}/scenarios/{scenario_id}/status", { params: { path } }));
}

async function ended(session_id: string, scenario_id: string): Promise<string> {
  for (;;) {
    const { status } = await statusOf(session_id, scenario_id);
    if (status === "complete" || status === "failed") {
      return status;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const sessions = bodyOf(await client.GET("/sessions"));
const session_id = sessions.default;

const scenario = bodyOf(
  await client.POST("/sessions/{session_id}/scenarios", {
    params: { path: { session_id } },
    body: { tag: "typed", dataset_key: "Master data", algo_name: "Slow", algo_params: { duration: 1 } },
  }),
);
const scenario_id = scenario.id;

bodyOf(
  await client.POST("/sessions/{session_id}/scenarios/{scenario_id}/run", {
    params: { path: { session_id, scenario_id } },
  }),
);
console.log(await ended(session_id, scenario_id));
