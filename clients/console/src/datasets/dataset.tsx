/** One dataset: its tables, the columns of the one that is open, and its rows. */

import type { Schemas, Session } from "algomancy-client";
import { addressOf } from "../places.ts";
import { client } from "../server.ts";
import { useLoaded } from "../shared/loading.ts";
import { Fault, Scrolling } from "../shared/parts.tsx";
import { RowsView } from "../shared/rows.tsx";
import { countOf, sizeOf, textOf } from "../shared/texts.ts";

export function DatasetView({ session, name, table }: { session: Session; name: string; table: string | undefined }) {
  const path = { session_id: session.id, data_key: name };
  const profile = useLoaded(
    (signal) => client.GET("/sessions/{session_id}/data/{data_key}/tables", { params: { path }, signal }),
    [session.id, name],
  );
  const tables = profile.value?.tables ?? [];
  const open = tables.find((each) => each.name === table) ?? tables[0];
  return (
    <section aria-label={`Dataset ${name}`}>
      <h3>{name}</h3>
      <Fault error={profile.error} />
      <nav class="tabs" aria-label={`Tables of ${name}`}>
        {tables.map((each) => (
          <a
            key={each.name}
            href={addressOf(session.id, "datasets", name, each.name)}
            {...(each === open && { "aria-current": "true" as const })}
          >
            {each.name}
          </a>
        ))}
      </nav>
      {open && (
        <>
          <Columns table={open} />
          <RowsView
            key={open.name}
            columns={open.fields.map((each) => each.name)}
            path="/sessions/{session_id}/data/{data_key}/tables/{table}"
            names={{ ...path, table: open.name }}
          />
        </>
      )}
    </section>
  );
}

function Columns({ table }: { table: Schemas["TableProfile"] }) {
  return (
    <details>
      <summary>
        {countOf(table.rows, "row")}, {countOf(table.columns, "column")}, {sizeOf(table.bytes)}
      </summary>
      <Scrolling label="Columns">
        <table>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Missing</th>
              <th scope="col">Least</th>
              <th scope="col">Largest</th>
              <th scope="col">Different</th>
            </tr>
          </thead>
          <tbody>
            {table.fields.map((each) => (
              <tr key={each.name}>
                <th scope="row">{each.name}</th>
                <td>{each.dtype}</td>
                <td class="number">{each.nulls}</td>
                <td>{textOf(each.min)}</td>
                <td>{textOf(each.max)}</td>
                <td class="number">{each.distinct ?? "more than 1,000"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </details>
  );
}
