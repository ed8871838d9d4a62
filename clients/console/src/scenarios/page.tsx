/** The scenarios of a session: a form for new ones, the list, and what is known of one of them. */

import { useState } from "preact/hooks";
import type { PageProps } from "../app.tsx";
import { useRefreshed } from "../shared/loading.ts";
import { Fault } from "../shared/parts.tsx";
import { Actions } from "./actions.tsx";
import { NewScenario } from "./creation.tsx";
import { Filters } from "./filters.tsx";
import { useScenarios } from "./listing.ts";
import { ScenarioList } from "./list.tsx";
import { ScenarioView } from "./scenario.tsx";

export function ScenariosPage({ session, names: [open] }: PageProps) {
  const [filters, setFilters] = useState({ tag: "", status: "" });
  const [order, setOrder] = useState("-created");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = useScenarios(session, { ...filters, order });
  useRefreshed(list.reload);

  const choose = (ids: readonly string[], isChosen: boolean) => {
    const others = [...chosen].filter((id) => !ids.includes(id));
    setChosen(new Set(isChosen ? [...others, ...ids] : others));
  };
  const created = (scenarios: readonly { id: string }[]) => {
    setChosen(new Set(scenarios.map(({ id }) => id)));
    list.reload();
  };
  return (
    <>
      <h2>Scenarios</h2>
      <NewScenario session={session} created={created} />
      <Filters filters={filters} change={setFilters} />
      <Fault error={list.error} />
      <Actions session={session} chosen={[...chosen]} clear={() => setChosen(new Set())} done={list.reload} />
      <ScenarioList
        session={session}
        list={list}
        order={order}
        sort={setOrder}
        chosen={chosen}
        choose={choose}
        open={open}
      />
      {open !== undefined && <ScenarioView key={open} session={session} id={open} />}
    </>
  );
}
