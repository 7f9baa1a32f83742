import { pauseAfter } from "./with-retries.ts";

/**
 * Retries style sheets that could not be loaded. The bundler's loader requests each style sheet only once, so a part of
 * the page whose scripts were loaded by a retry would have no styles.
 */
export function reloadStyleSheets(): void {
  // These failed before this script ran.
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")) {
    if (!isLoaded(link)) void reload(link);
  }
  // Errors of elements do not bubble.
  addEventListener("error", ({ target }) => target instanceof HTMLLinkElement && reload(target), {
    capture: true,
  });
}

/** In a failed style sheet, depending on the browser, `sheet` is null, has no rules, or does not reveal them. */
function isLoaded({ sheet }: HTMLLinkElement): boolean {
  try {
    return sheet !== null && sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

/** Replaces a failed element with a copy, which requests the style sheet again. */
async function reload(failed: HTMLLinkElement): Promise<void> {
  if (failed.rel !== "stylesheet") return;
  const tries = Number(failed.dataset.tries ?? 1);
  const link = failed.cloneNode() as HTMLLinkElement;
  link.dataset.tries = `${tries + 1}`;
  await pauseAfter(tries);
  failed.replaceWith(link);
}
