/** Places within the console, which are in the fragment of its address: `#/SESSION/PAGE/NAME/NAME`. */

import { useEffect, useState } from "preact/hooks";

export const PAGES = ["datasets", "scenarios", "compare"] as const;
export type Page = (typeof PAGES)[number];

export interface Place {
  /** The id or the name of a session; undefined for the default one. */
  session: string | undefined;
  page: Page;
  /** What is open on the page, such as a dataset and its table. */
  names: readonly string[];
}

/** The address of a place. */
export function addressOf(session: string, page: Page, ...names: readonly string[]): string {
  return `#/${[session, page, ...names].map(encodeURIComponent).join("/")}`;
}

/** Go to a place. */
export function go(session: string, page: Page, ...names: readonly string[]): void {
  location.hash = addressOf(session, page, ...names);
}

/** The place of the moment. */
export function usePlace(): Place {
  const [place, setPlace] = useState(placeOf(location.hash));
  useEffect(() => {
    const change = () => setPlace(placeOf(location.hash));
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  return place;
}

function placeOf(fragment: string): Place {
  const [session, page, ...names] = fragment
    .replace(/^#?\/?/, "")
    .split("/")
    .filter(Boolean)
    .map(decoded);
  return { session, page: PAGES.find((each) => each === page) ?? "scenarios", names };
}

/** What a person has typed into the address need not be well encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
