/** The frame of the console: the session, the pages, and the dialog that asks for a token. */

import type { Session } from "algomancy-client";
import { useEffect, useState } from "preact/hooks";
import { ComparePage } from "./compare/page.tsx";
import { DatasetsPage } from "./datasets/page.tsx";
import { PAGES, type Page, type Place, addressOf, go, usePlace } from "./places.ts";
import { ScenariosPage } from "./scenarios/page.tsx";
import { client, token } from "./server.ts";
import { onUnauthorized, useLoaded } from "./shared/loading.ts";
import { Dialog, Fault, Field } from "./shared/parts.tsx";

/** A page of one session. */
export interface PageProps {
  session: Session;
  names: readonly string[];
}

const TITLES: Record<Page, string> = { datasets: "Datasets", scenarios: "Scenarios", compare: "Compare" };
const CONTENTS: Record<Page, (props: PageProps) => preact.JSX.Element> = {
  datasets: DatasetsPage,
  scenarios: ScenariosPage,
  compare: ComparePage,
};

export function App() {
  const place = usePlace();
  const [isAsking, setAsking] = useState(false);
  const [tokens, setTokens] = useState(0);
  useEffect(() => onUnauthorized(() => setAsking(true)), []);
  const enter = () => {
    setAsking(false);
    setTokens(tokens + 1); // all is loaded anew
  };
  return (
    <>
      <Frame key={tokens} place={place} askForToken={() => setAsking(true)} />
      {isAsking && <TokenDialog enter={enter} close={() => setAsking(false)} />}
    </>
  );
}

function Frame({ place, askForToken }: { place: Place; askForToken: () => void }) {
  const sessions = useLoaded(() => client.GET("/sessions"), []);
  const session = useLoaded(() => client.session(place.session), [place.session]);
  const name = session.value?.name ?? "";
  useEffect(() => {
    document.title = [TITLES[place.page], name, "Algomancy"].filter(Boolean).join(" · ");
  }, [place.page, name]);
  const Content = CONTENTS[place.page];
  return (
    <>
      <header class="top">
        <h1>Algomancy</h1>
        <label>
          <span class="unseen">Session</span>
          <select value={session.value?.id ?? ""} onChange={(event) => go(event.currentTarget.value, place.page)}>
            {sessions.value?.sessions.map(({ id, display_name }) => (
              <option key={id} value={id}>
                {display_name}
              </option>
            ))}
          </select>
        </label>
        <nav aria-label="Pages">
          {session.value &&
            PAGES.map((page) => (
              <a
                key={page}
                href={addressOf(session.value!.id, page)}
                {...(page === place.page && { "aria-current": "page" as const })}
              >
                {TITLES[page]}
              </a>
            ))}
        </nav>
        <button type="button" class="quiet" onClick={askForToken}>
          Token
        </button>
      </header>
      <main>
        <Fault error={session.error ?? sessions.error} />
        {session.value && <Content key={session.value.id} session={session.value} names={place.names} />}
      </main>
    </>
  );
}

function TokenDialog({ enter, close }: { enter: () => void; close: () => void }) {
  const [value, setValue] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    token.set(value.trim());
    enter();
  };
  return (
    <Dialog title="Token" close={close}>
      <form onSubmit={submit}>
        <p>The server may require a token. It is kept until this tab is closed.</p>
        <Field label="Token">
          <input
            type="password"
            autocomplete="off"
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        </Field>
        <button type="submit">{value ? "Use it" : "Use none"}</button>
      </form>
    </Dialog>
  );
}
