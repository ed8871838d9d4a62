/** The datasets of a session: an upload, the list, and what is in one of them. */

import type { Schemas, Session } from "algomancy-client";
import type { PageProps } from "../app.tsx";
import { addressOf, go } from "../places.ts";
import { client } from "../server.ts";
import { useAction, useLoaded, useRefreshed } from "../shared/loading.ts";
import { Fault, Scrolling } from "../shared/parts.tsx";
import { countOf, sizeOf, timeOf } from "../shared/texts.ts";
import { DatasetView } from "./dataset.tsx";
import { Upload } from "./upload.tsx";

export function DatasetsPage({ session, names: [key, table] }: PageProps) {
  const list = useLoaded(
    (signal) =>
      client.GET("/sessions/{session_id}/data", {
        params: { path: { session_id: session.id }, query: { details: true } },
        signal,
      }),
    [session.id],
  );
  useRefreshed(list.reload);
  return (
    <>
      <h2>Datasets</h2>
      <Upload session={session} uploaded={list.reload} />
      <Fault error={list.error} />
      {list.value && <List session={session} datasets={list.value.datasets ?? []} open={key} reload={list.reload} />}
      {key !== undefined && <DatasetView key={key} session={session} name={key} table={table} />}
    </>
  );
}

interface ListProps {
  session: Session;
  datasets: readonly Schemas["DatasetDetails"][];
  open: string | undefined;
  reload: () => void;
}

function List({ session, datasets, open, reload }: ListProps) {
  if (datasets.length === 0) return <p>There are no datasets yet. Drop files above to upload one.</p>;
  return (
    <Scrolling label="Datasets">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Tables</th>
            <th scope="col">Memory</th>
            <th scope="col">Created</th>
            <th scope="col">Derived from</th>
            <th scope="col">Used by</th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {datasets.map((dataset) => (
            <Row key={dataset.key} session={session} dataset={dataset} isOpen={dataset.key === open} reload={reload} />
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

interface RowProps {
  session: Session;
  dataset: Schemas["DatasetDetails"];
  isOpen: boolean;
  reload: () => void;
}

function Row({ session, dataset, isOpen, reload }: RowProps) {
  const deletion = useAction();
  const deleteIt = () => {
    if (!confirm(`Delete the dataset ${dataset.key}?`)) return;
    deletion.run(async () => {
      await client.DELETE("/sessions/{session_id}/data/{data_key}", {
        params: { path: { session_id: session.id, data_key: dataset.key } },
      });
      if (isOpen) go(session.id, "datasets");
      reload();
    });
  };
  return (
    <tr {...(isOpen && { "aria-current": true })}>
      <th scope="row">
        <a href={addressOf(session.id, "datasets", dataset.key)}>{dataset.key}</a>
      </th>
      <td>{dataset.tables?.map(({ name, rows }) => `${name}${rows === null ? "" : ` (${rows})`}`).join(", ")}</td>
      <td class="number">
        {dataset.tables && sizeOf(dataset.tables.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0))}
      </td>
      <td>{timeOf(dataset.created)}</td>
      <td>{dataset.derived_from}</td>
      <td>{countOf(dataset.used_by, "scenario")}</td>
      <td>
        <button type="button" class="danger" disabled={deletion.isRunning} onClick={deleteIt}>
          Delete
        </button>
        <Fault error={deletion.error} />
      </td>
    </tr>
  );
}
