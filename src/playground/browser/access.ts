import { signal } from "@preact/signals";

const NAME = "varve.token";

/** The bearer token that requests send, kept until the tab is closed; undefined when there is none. */
export const token = signal(readToken());
/** Whether the server rejected a request with 401 since the last token was entered. */
export const isSignInNeeded = signal(false);

function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Sets or clears the token of all further requests. */
export function setToken(shown: string | undefined): void {
  try {
    if (shown === undefined) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, shown);
  } catch {
    // Without session storage, the user enters the token again after a reload.
  }
  token.value = shown;
  isSignInNeeded.value = false;
}

/** The browser's `fetch` with the bearer token. Sets `isSignInNeeded` when the server answers 401. */
export const authorizedFetch: typeof fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  const shown = token.peek();
  if (shown !== undefined) headers.set("authorization", `Bearer ${shown}`);
  const answer = await fetch(input, { ...init, headers });
  if (answer.status === 401) isSignInNeeded.value = true;
  return answer;
};
