/** What can be done with the chosen scenarios, many at once. */

import type { Session } from "algomancy-client";
import { useState } from "preact/hooks";
import { go } from "../places.ts";
import { client } from "../server.ts";
import { useAction } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { countOf } from "../shared/texts.ts";

interface ActionsProps {
  session: Session;
  chosen: readonly string[];
  clear: () => void;
  done: () => void;
}

/** What an action did not do, for one of the scenarios. */
type Refusal = { id: string; detail?: string | null };

type Action = (session: Session, ids: readonly string[]) => Promise<readonly Refusal[]>;

const bulk =
  (path: `/sessions/{session_id}/scenarios/${"cancel" | "reset" | "delete"}`): Action =>
  async (session, ids) => {
    const { outcomes } = await client.POST(path, {
      params: { path: { session_id: session.id } },
      body: { ids: [...ids] },
    });
    return outcomes.filter(({ done }) => !done);
  };

const run: Action = async (session, ids) => {
  const { outcomes } = await client.POST("/sessions/{session_id}/run", {
    params: { path: { session_id: session.id } },
    body: { scenario_ids: [...ids] },
  });
  return outcomes.filter(({ queued }) => !queued);
};

const stop: Action = async (session, ids) => {
  const stops = ids.map((id) =>
    client.POST("/sessions/{session_id}/scenarios/{scenario_id}/stop", {
      params: { path: { session_id: session.id, scenario_id: id } },
    }),
  );
  const outcomes = await Promise.allSettled(stops);
  return outcomes.flatMap((outcome, position) =>
    outcome.status === "rejected" ? [{ id: ids[position]!, detail: String(outcome.reason.message) }] : [],
  );
};

const ACTIONS: Record<string, Action> = {
  Run: run,
  "Stop and keep": stop,
  Cancel: bulk("/sessions/{session_id}/scenarios/cancel"),
  Reset: bulk("/sessions/{session_id}/scenarios/reset"),
  Delete: bulk("/sessions/{session_id}/scenarios/delete"),
};

export function Actions({ session, chosen, clear, done }: ActionsProps) {
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const action = useAction();
  const act = (name: string) => {
    if (name === "Delete" && !confirm(`Delete ${countOf(chosen.length, "scenario")}?`)) return;
    action.run(async () => {
      setRefusals(await ACTIONS[name]!(session, chosen));
      if (name === "Delete") clear();
      done();
    });
  };
  return (
    <div class="row" role="toolbar" aria-label="Actions">
      <span aria-live="polite">{chosen.length === 0 ? "None chosen" : `${chosen.length} chosen`}</span>
      {Object.keys(ACTIONS).map((name) => (
        <button
          key={name}
          type="button"
          {...(name === "Delete" && { class: "danger" })}
          disabled={chosen.length === 0 || action.isRunning}
          onClick={() => act(name)}
        >
          {name}
        </button>
      ))}
      <button type="button" disabled={chosen.length < 2} onClick={() => go(session.id, "compare", ...chosen)}>
        Compare
      </button>
      <Fault error={action.error} />
      {refusals.length > 0 && (
        <ul class="fault" role="alert">
          {[...new Set(refusals.map(({ detail }) => detail ?? "not done"))].slice(0, 10).map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
