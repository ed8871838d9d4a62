/** Lists of scenarios, with conditions. */

import type { ScenarioSummary, Session } from "algomancy-client";
import { client } from "../server.ts";

/** A page of a list, and the cursor of the next one. */
export interface ScenarioPage {
  scenarios: ScenarioSummary[];
  next: string | undefined;
}

/** A page of the scenarios that pass the conditions of a query, which has more names than the document can say. */
export async function listed(
  session: Session,
  query: Record<string, string | number>,
  signal: AbortSignal,
): Promise<ScenarioPage> {
  const { data, response } = await client.api.GET("/sessions/{session_id}/scenarios", {
    params: { path: { session_id: session.id }, query },
    signal,
  });
  return { scenarios: data as ScenarioSummary[], next: nextCursor(response) };
}

function nextCursor(response: Response): string | undefined {
  const link = /<\?([^>]*)>; rel="next"/.exec(response.headers.get("Link") ?? "");
  return (link && new URLSearchParams(link[1]).get("cursor")) ?? undefined;
}
