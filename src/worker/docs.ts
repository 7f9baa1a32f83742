import { Hono } from "hono";
import { html } from "hono/html";
import { openApi } from "../../schemas/openapi.ts";
import type { Env } from "./environment.ts";

const methods = ["get", "post", "put", "delete", "head"] as const;

interface Operation {
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string }[];
}

/** `GET /docs`: the interface on one page, made from its OpenAPI description. */
export const docs = new Hono<{ Bindings: Env }>();

docs.get("/", (c) => {
  c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  return c.html(html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>varve</title>
<style>
  body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark; }
  code { font-size: 0.95em; }
  dt { margin-top: 1.2rem; }
</style>
<h1>varve</h1>
<p>Builds container images at the edge. <a href="/openapi.json">The OpenAPI description</a> has every field.</p>
<pre>tar -c . | curl --fail-with-body -T - -X POST -H 'Accept: text/plain' '${new URL(c.req.url).origin}/v1/builds?t=hello'</pre>
<dl>${operations().map(
    ({ method, path, operation }) => html`
<dt><code>${method.toUpperCase()} ${path}</code> ${operation.summary}</dt>
${operation.description && html`<dd>${operation.description}</dd>`}
${operation.parameters && html`<dd>Takes: ${operation.parameters.map(({ name }) => name).join(", ")}</dd>`}`,
  )}
</dl>
</html>`);
});

function operations(): { method: string; path: string; operation: Operation }[] {
  const { paths } = openApi() as {
    paths: Record<string, Partial<Record<(typeof methods)[number], Operation>>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
}
