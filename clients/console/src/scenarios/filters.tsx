/** What of the list is shown. */

import { Field } from "../shared/parts.tsx";

const STATUSES = ["created", "queued", "processing", "complete", "failed"];

interface Values {
  tag: string;
  status: string;
}

export function Filters({ filters, change }: { filters: Values; change: (filters: Values) => void }) {
  return (
    <form class="row" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <Field label="Name contains">
        <input
          type="search"
          value={filters.tag}
          onInput={(event) => change({ ...filters, tag: event.currentTarget.value })}
        />
      </Field>
      <Field label="Status">
        <select value={filters.status} onChange={(event) => change({ ...filters, status: event.currentTarget.value })}>
          <option value="">all</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </Field>
    </form>
  );
}
