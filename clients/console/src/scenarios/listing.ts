/** A page of the list of scenarios, which follows their events. */

import type { ScenarioState, ScenarioSummary, Session } from "algomancy-client";
import { useEffect, useState } from "preact/hooks";
import { noted, useLoaded } from "../shared/loading.ts";
import { listed } from "../shared/scenarios.ts";

/** Scenarios: of a page. */
const PAGE = 50;

export interface Listing {
  scenarios: readonly ScenarioSummary[] | undefined;
  error: Error | undefined;
  /** Go to the next page, and back; undefined where there is none. */
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
  reload: () => void;
}

interface Query {
  tag: string;
  status: string;
  order: string;
}

/** The scenarios that pass some conditions, a page at a time. */
export function useScenarios(session: Session, { tag, status, order }: Query): Listing {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  useEffect(() => setCursors([]), [tag, status, order]);
  const page = useLoaded(
    (signal) => {
      const conditions = { ...(tag && { "tag~": tag }), ...(status && { status }) };
      return listed(session, { ...conditions, order, limit: PAGE, ...(cursor !== undefined && { cursor }) }, signal);
    },
    [session.id, tag, status, order, cursor],
  );
  const states = useStates(session, page.value?.scenarios, page.reload);
  const next = page.value?.next;
  return {
    scenarios: page.value?.scenarios.map((each) => ({ ...each, ...states.get(each.id) })),
    error: page.error,
    next: next === undefined ? undefined : () => setCursors([...cursors, next]),
    previous: cursors.length === 0 ? undefined : () => setCursors(cursors.slice(0, -1)),
    reload: page.reload,
  };
}

/** What the events of some scenarios have said since the list was loaded, which is loaded again when one has ended. */
function useStates(
  session: Session,
  scenarios: readonly ScenarioSummary[] | undefined,
  reload: () => void,
): ReadonlyMap<string, Partial<ScenarioState>> {
  const [states, setStates] = useState<ReadonlyMap<string, Partial<ScenarioState>>>(new Map());
  const ids = scenarios?.map(({ id }) => id).join(",") ?? "";
  useEffect(() => setStates(new Map()), [scenarios]);
  useEffect(() => {
    if (!ids) return;
    const left = new AbortController();
    const put = ({ id, status, progress }: ScenarioState) =>
      setStates((before) => new Map(before).set(id, { status, progress }));
    const watch = async () => {
      for await (const event of session.events({ ids: ids.split(","), signal: left.signal })) {
        if (event.type === "progress") put(event.data);
        else if (event.type === "status" || event.type === "deleted") reload();
      }
    };
    watch().catch((error: unknown) => left.signal.aborted || noted(error));
    return () => left.abort();
  }, [session, ids, reload]);
  return states;
}
