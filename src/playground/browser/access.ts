import { signal } from "@preact/signals";

const NAME = "varve.token";

/** The token that requests show, for as long as the tab is open; undefined where none was asked for. */
export const token = signal(kept());
/** The server asks who this is. */
export const isAsked = signal(false);

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Shows a token from now on, or none any more. */
export function showToken(shown: string | undefined): void {
  try {
    if (shown === undefined) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, shown);
  } catch {
    // Then it is asked for again when the page is loaded again.
  }
  token.value = shown;
  isAsked.value = false;
}

/** The browser's `fetch` with the token. A page that is refused notes that it is asked who it is. */
export const authorizedFetch: typeof fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  const shown = token.peek();
  if (shown !== undefined) headers.set("authorization", `Bearer ${shown}`);
  const answer = await fetch(input, { ...init, headers });
  if (answer.status === 401) isAsked.value = true;
  return answer;
};
