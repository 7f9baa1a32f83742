import { signal } from "@preact/signals";
import { tabValues } from "./storage.ts";

const NAME = "token";

/** The bearer token of all requests, stored until the tab is closed; undefined when there is none. */
export const token = signal(tabValues.read(NAME));
/** Whether the server rejected a request with 401 since the last token was entered. */
export const isSignInNeeded = signal(false);

/** Sets or clears the token. */
export function setToken(value: string | undefined): void {
  tabValues.store(NAME, value);
  token.value = value;
  isSignInNeeded.value = false;
}

/** The browser's `fetch` with the bearer token. Sets `isSignInNeeded` when the server answers 401. */
export const fetchWithToken: typeof fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  const bearer = token.peek();
  if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
  const answer = await fetch(input, { ...init, headers });
  if (answer.status === 401) isSignInNeeded.value = true;
  return answer;
};
