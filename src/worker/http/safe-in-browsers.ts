import type { MiddlewareHandler } from "hono";
import type { App } from "../environment.ts";

/** Default headers of every response: no sniffing of types, no scripts, no embedding. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * Prevents browsers from treating stored content as a page or a script of this origin, and caches from storing errors, because
 * a missing object may exist soon.
 */
export function safeInBrowsers(): MiddlewareHandler<App> {
  return async function safeInBrowsers(c, next) {
    await next();
    // The headers of a WebSocket response cannot be changed.
    if (c.res.status === 101) return;
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    if (c.res.status >= 400 && !c.res.headers.has("cache-control"))
      c.res.headers.set("cache-control", "no-store");
  };
}
