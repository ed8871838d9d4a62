/** The server that has served this page, and the token that the requests carry. */

import { Client } from "algomancy-client";

const TOKEN = "algomancy-token";

/** The token is kept as long as the tab is open. */
export const token = {
  get: (): string | undefined => sessionStorage.getItem(TOKEN) ?? undefined,
  set: (value: string): void => (value ? sessionStorage.setItem(TOKEN, value) : sessionStorage.removeItem(TOKEN)),
};

/** The address of the API: the page has it relative to itself, so that it works wherever the app is mounted. */
const address = new URL(document.getElementById("console")!.dataset["api"]!, location.href).href;

export const client = new Client({ url: address, prefix: "", token: token.get });
