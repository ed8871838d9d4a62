/** Mistakes that the types find: each line marked as one is an error, or the compiler says that it is not. */

import { Client, type SessionEvent } from "algomancy-client";

export async function mistakes(client: Client, event: SessionEvent): Promise<void> {
  const path = { session_id: "s1" };
  // @ts-expect-error there is no such path
  await client.GET("/session");
  // @ts-expect-error a path has its parameters
  await client.GET("/sessions/{session_id}/data");
  // @ts-expect-error a body has all that it needs
  await client.POST("/sessions/{session_id}/scenarios", { params: { path }, body: { tag: "a" } });
  // @ts-expect-error this path has no such method
  await client.DELETE("/health");
  // @ts-expect-error a status has no such value
  (await client.GET("/sessions/{session_id}/scenarios/wait", { params: { path } })).scenarios[0]!.status === "done";
  // @ts-expect-error an answer that has no body is undefined
  (await client.DELETE("/sessions/{session_id}", { params: { path } })).id;
  // @ts-expect-error a snapshot has no status of its own
  if (event.type === "snapshot") event.data.status;
  if (event.type === "progress") event.data.progress satisfies number;
  const session = await client.session();
  // @ts-expect-error a range has a step
  await session.sweep("Locate", "x", { cost: { from: 1, to: 2 } });
  // @ts-expect-error one id is no list
  await session.waitFor(1);
  for await (const { type, data } of session.scenarioEvents("a")) {
    if (type === "snapshot") data.status satisfies string;
    // @ts-expect-error one scenario has no events of datasets
    if (type === "dataset_added") return;
  }
}
