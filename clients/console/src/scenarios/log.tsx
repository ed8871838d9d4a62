/** The log of a run, followed while it goes on. */

import type { Schemas } from "algomancy-client";
import { useEffect, useState } from "preact/hooks";
import { client } from "../server.ts";
import { noted } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { timeOf } from "../shared/texts.ts";

/** Lines: the last ones are shown. */
const SHOWN = 1_000;

/** Seconds: how long the server may wait for more lines. */
const WAIT = 30;

interface LogProps {
  path: { session_id: string; scenario_id: string };
}

export function LogView({ path }: LogProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Log</summary>
      {isOpen && <Lines path={path} />}
    </details>
  );
}

function Lines({ path }: LogProps) {
  const [lines, setLines] = useState<readonly Schemas["LogLine"][]>([]);
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const left = new AbortController();
    const follow = async () => {
      let from: string | undefined;
      for (;;) {
        const part: Schemas["LogPart"] = await client.GET("/sessions/{session_id}/scenarios/{scenario_id}/log", {
          params: { path, query: from === undefined ? {} : { from, wait: WAIT } },
          signal: left.signal,
        });
        setLines((before) => [...before, ...part.lines].slice(-SHOWN));
        if (part.complete) return;
        from = part.next;
      }
    };
    follow().catch((failure: unknown) => left.signal.aborted || setError(noted(failure)));
    return () => left.abort();
  }, [path.session_id, path.scenario_id]);
  return (
    <>
      <Fault error={error} />
      <pre class="log" role="log" aria-label="Log" tabIndex={0}>
        {lines.map((line, position) => (
          <span key={position} class={line.level.toLowerCase()}>
            {`${timeOf(line.time)} ${line.text}\n`}
          </span>
        ))}
        {lines.length === 0 && "No lines."}
      </pre>
    </>
  );
}
