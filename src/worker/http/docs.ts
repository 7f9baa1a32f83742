import { Hono } from "hono";
import { html, raw } from "hono/html";
import { openApi } from "../../../schemas/openapi.ts";
import type { Env } from "../environment.ts";

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
  const { origin } = new URL(c.req.url);
  return c.html(html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>API · varve</title>
<style>${raw(style)}</style>
<header>
  <a class="name" href="/">varve</a>
  <nav aria-label="Main"><a href="/">Workbench</a> <a href="/#/builds">Builds</a> <a href="/#/images">Images</a> <a href="/#/learn">Learn</a></nav>
</header>
<main>
<h1>API</h1>
<p>Build an image from the folder that you are in:</p>
<pre tabindex="0">tar -c . | curl --fail-with-body -T - -X POST -H 'Accept: text/plain' '${origin}/v1/builds?t=hello'</pre>
<p><a href="/openapi.json">The OpenAPI description</a> has every field of every request and answer.</p>
${groups().map(
  ({ title, entries }) => html`
<section>
<h2>${title}</h2>
<dl>${entries.map(
    ({ method, path, operation }) => html`
<dt><span class="method">${method.toUpperCase()}</span> <code>${path}</code></dt>
<dd><p>${operation.summary}</p>${operation.description && html`<p class="soft">${operation.description}</p>`}${
      operation.parameters &&
      html`<p class="soft">Parameters: ${operation.parameters.map(({ name }, index) => html`${index > 0 ? ", " : ""}<code>${name}</code>`)}</p>`
    }</dd>`,
  )}
</dl>
</section>`,
)}
</main>
</html>`);
});

const style = `
  :root { color-scheme: light dark; --text: light-dark(#21201c, #e9e6de); --soft: light-dark(#5b574e, #aca79b);
    --ground: light-dark(#f5f4f0, #151513); --surface: light-dark(#fffefb, #1c1c19); --line: light-dark(#dcd8ce, #35332d);
    --accent: light-dark(#0b5a6b, #74c7d8); }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--text); font: 0.9375rem/1.55 system-ui, sans-serif; }
  header { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.5rem; min-height: 3rem; padding: 0.5rem 1rem;
    border-bottom: 1px solid var(--line); background: var(--surface); }
  nav { display: flex; flex-wrap: wrap; gap: 0 1rem; }
  a { color: var(--accent); text-underline-offset: 0.15em; }
  header a { color: var(--soft); text-decoration: none; }
  header a:hover { color: var(--text); text-decoration: underline; }
  .name { color: var(--text); font-size: 1.0625rem; font-weight: 650; }
  main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
  h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.3; }
  h2 { margin: 2rem 0 0.5rem; font-size: 1.0625rem; line-height: 1.3; }
  p { margin: 0.5rem 0; }
  code, pre, .method { font: 0.93em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
  pre { padding: 0.75rem; overflow: auto; border: 1px solid var(--line); border-radius: 4px; background: var(--surface); }
  dl { margin: 0; overflow: hidden; border: 1px solid var(--line); border-radius: 4px; background: var(--surface); }
  dt { padding: 0.625rem 0.875rem 0; }
  dt:not(:first-child) { border-top: 1px solid var(--line); }
  dt code { font-weight: 600; }
  dd { margin: 0; padding: 0 0.875rem 0.625rem; }
  dd p { margin: 0.125rem 0; }
  .method { display: inline-block; min-width: 4rem; color: var(--accent); }
  .soft { color: var(--soft); }
`;

interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** Operations by the first part of their path behind the version, in the order of the description. */
function groups(): { title: string; entries: Entry[] }[] {
  const titled = Map.groupBy(operations(), ({ path }) => {
    const [first = "", second = ""] = path.split("/").filter((part) => part !== "");
    return /^v\d+$/.test(first) ? (second === "" || second.startsWith("{") ? first : second) : first;
  });
  return [...titled].map(([title, entries]) => ({ title, entries }));
}

function operations(): Entry[] {
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
