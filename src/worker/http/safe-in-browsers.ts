import type { MiddlewareHandler } from "hono";
import type { App } from "../environment.ts";

/** What is said of every answer that does not say better: it is what it says it is, no page, and nobody else's to embed. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * Keeps browsers from taking what strangers have stored for a page or a script of this origin, and caches from keeping
 * what went wrong: what is not there now may be there in a moment.
 */
export function safeInBrowsers(): MiddlewareHandler<App> {
  return async function safeInBrowsers(c, next) {
    await next();
    // An answer that hands over a WebSocket is as it is.
    if (c.res.status === 101) return;
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    if (c.res.status >= 400 && !c.res.headers.has("cache-control"))
      c.res.headers.set("cache-control", "no-store");
  };
}
