import { pauseAfter } from "./with-retries.ts";

/**
 * Requests style sheets again that could not be loaded, until they are: the network can change while the page is open.
 *
 * The loader of the page's parts requests a style sheet once, so a part would be shown without its styles when its
 * other files have been loaded by a further attempt.
 */
export function reloadStyleSheets(): void {
  // The errors of these came before this script ran.
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")) {
    if (!isLoaded(link)) void reload(link);
  }
  // Errors of elements do not bubble.
  addEventListener("error", ({ target }) => target instanceof HTMLLinkElement && reload(target), {
    capture: true,
  });
}

/** Browsers differ: a style sheet that could not be loaded is absent, has no rules, or refuses to list them. */
function isLoaded({ sheet }: HTMLLinkElement): boolean {
  try {
    return sheet !== null && sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

/** Replaces the element by another one, which requests the style sheet again. */
async function reload(failed: HTMLLinkElement): Promise<void> {
  if (failed.rel !== "stylesheet") return;
  const tries = Number(failed.dataset.tries ?? 1);
  const link = failed.cloneNode() as HTMLLinkElement;
  link.dataset.tries = `${tries + 1}`;
  await pauseAfter(tries);
  failed.replaceWith(link);
}
