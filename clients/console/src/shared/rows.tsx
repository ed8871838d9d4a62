/** Rows of a table of the server, which sorts, filters and cuts them into pages. */

import { useState } from "preact/hooks";
import { client } from "../server.ts";
import { useLoaded } from "./loading.ts";
import { Pager } from "./pager.tsx";
import { Fault, Field, Scrolling } from "./parts.tsx";
import { textOf } from "./texts.ts";

/** Rows: of a page. */
const PAGE = 50;

interface Order {
  column: string;
  isFalling: boolean;
}

interface RowsProps {
  columns: readonly string[];
  path:
    | "/sessions/{session_id}/data/{data_key}/tables/{table}"
    | "/sessions/{session_id}/scenarios/{scenario_id}/tables/{table}";
  /** The names in the path. */
  names: Record<string, string>;
}

export function RowsView({ columns, path, names }: RowsProps) {
  const [order, setOrder] = useState<Order>();
  const [where, setWhere] = useState("");
  const [offset, setOffset] = useState(0);
  const by = order && (order.isFalling ? "-" : "") + quoted(order.column);
  const page = useLoaded(
    async (signal) => {
      const query = { offset, limit: PAGE, layout: "rows", ...(by && { order: by }), ...(where && { where }) };
      // The two paths have the same queries and answers, which their types do not say.
      const { data, response } = await client.api.GET(path, { params: { path: names, query }, signal } as never);
      return {
        rows: data as unknown as Record<string, unknown>[],
        total: Number(response.headers.get("X-Total-Count")),
      };
    },
    [path, ...Object.values(names), by, where, offset],
  );
  const sort = (column: string) => {
    setOffset(0);
    setOrder(
      order?.column !== column
        ? { column, isFalling: false }
        : order.isFalling
          ? undefined
          : { column, isFalling: true },
    );
  };
  return (
    <>
      <Condition
        apply={(condition) => {
          setOffset(0);
          setWhere(condition);
        }}
      />
      <Fault error={page.error} />
      {page.value && <Pager offset={offset} size={PAGE} total={page.value.total} noun="rows" go={setOffset} />}
      <Scrolling label="Rows">
        <table aria-busy={page.isLoading}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column} column={column} order={order} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {page.value?.rows.map((row, position) => (
              <tr key={offset + position}>
                {columns.map((column) => (
                  <td key={column} {...(typeof row[column] === "number" && { class: "number" })}>
                    {textOf(row[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </>
  );
}

function Condition({ apply }: { apply: (condition: string) => void }) {
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    apply(text.trim());
  };
  return (
    <form class="row" aria-label="Filter" onSubmit={submit}>
      <Field label="Rows where">
        <input
          class="wide"
          placeholder='qty > 10 and region in ("N", "S")'
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </Field>
      <button type="submit">Filter</button>
    </form>
  );
}

function Heading({
  column,
  order,
  sort,
}: {
  column: string;
  order: Order | undefined;
  sort: (column: string) => void;
}) {
  const direction = order?.column !== column ? "none" : order.isFalling ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" class="heading" onClick={() => sort(column)}>
        {column}
        <span aria-hidden="true">{{ none: "", ascending: " ▲", descending: " ▼" }[direction]}</span>
      </button>
    </th>
  );
}

/** A name of a column as the queries of the server take any. */
function quoted(column: string): string {
  return `\`${column.replaceAll("`", "``")}\``;
}
