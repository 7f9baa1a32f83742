import type { IncomingMessage } from "node:http";
import { serveLoopback } from "../../helpers/loopback.ts";

/** A Worker as `wrangler deploy` has uploaded it. */
interface UploadedWorker {
  metadata: {
    main_module: string;
    compatibility_date: string;
    compatibility_flags: string[];
    bindings: Record<string, string>[];
    migrations?: { new_tag: string; steps?: { new_sqlite_classes?: string[] }[] };
    limits?: { cpu_ms: number };
    observability?: { enabled: boolean };
  };
  /** Modules by name. */
  modules: Record<string, string>;
}

/** The parts of a Cloudflare account that a deploy changes. */
export interface Account extends AsyncDisposable {
  /** For CLOUDFLARE_API_BASE_URL. */
  url: string;
  buckets: Set<string>;
  /** Namespaces of KV: id by title. */
  namespaces: Map<string, string>;
  secrets: Map<string, string>;
  worker: UploadedWorker | undefined;
  /** Tag of the last migration. */
  migration: string | undefined;
  crons: string[];
  /** Paths of files of the page. */
  assets: string[];
  /** Requests that the account could not answer. */
  unknown: string[];
}

type Answer = { status?: number; result?: unknown; code?: number; message?: string };

/** For CLOUDFLARE_ACCOUNT_ID. */
export const ACCOUNT_ID = "0123456789abcdef0123456789abcdef";

/** The parts of Cloudflare's API that `wrangler deploy` uses, for an account with nothing in it, on loopback. */
export async function startAccount(onChange: (account: Account) => Promise<void>): Promise<Account> {
  const missing = (code: number, message: string): Answer => ({ status: 404, code, message });
  const routes: [
    method: string,
    path: RegExp,
    answer: (match: string[], request: Request) => Answer | Promise<Answer>,
  ][] = [
    [
      "GET",
      /^\/workers\/services\/varve$/,
      () =>
        account.worker === undefined
          ? missing(10_090, "This Worker does not exist on your account.")
          : { result: { id: "varve", default_environment: { environment: "production", script: script() } } },
    ],
    ["GET", /^\/workers\/scripts$/, () => ({ result: account.worker === undefined ? [] : [script()] })],
    [
      "GET",
      /^\/workers\/scripts\/varve\/secrets$/,
      () =>
        account.worker === undefined
          ? missing(10_007, "This Worker does not exist on your account.")
          : { result: [...account.secrets.keys()].map((name) => ({ name, type: "secret_text" })) },
    ],
    [
      "PUT",
      /^\/workers\/scripts\/varve\/secrets$/,
      async (_, request) => {
        const { name, text } = (await request.json()) as { name: string; text: string };
        account.secrets.set(name, text);
        await onChange(account);
        return { result: { name, type: "secret_text" } };
      },
    ],
    [
      "GET",
      /^\/workers\/scripts\/varve\/settings$/,
      () =>
        account.worker === undefined
          ? missing(10_007, "This Worker does not exist on your account.")
          : { result: { bindings: account.worker.metadata.bindings } },
    ],
    [
      "GET",
      /^\/r2\/buckets\/([a-z0-9-]+)$/,
      ([, name = ""]) =>
        account.buckets.has(name)
          ? { result: { name } }
          : missing(10_006, "The specified bucket does not exist."),
    ],
    [
      "GET",
      /^\/r2\/buckets$/,
      () => ({ result: { buckets: [...account.buckets].map((name) => ({ name })) } }),
    ],
    [
      "POST",
      /^\/r2\/buckets$/,
      async (_, request) => {
        const { name } = (await request.json()) as { name: string };
        account.buckets.add(name);
        return { result: { name } };
      },
    ],
    [
      "GET",
      /^\/storage\/kv\/namespaces$/,
      () => ({ result: [...account.namespaces].map(([title, id]) => ({ id, title })) }),
    ],
    [
      "POST",
      /^\/storage\/kv\/namespaces$/,
      async (_, request) => {
        const { title } = (await request.json()) as { title: string };
        account.namespaces.set(title, `${account.namespaces.size}`.padStart(32, "0"));
        return { result: { id: account.namespaces.get(title), title } };
      },
    ],
    [
      "POST",
      /^\/workers\/scripts\/varve\/assets-upload-session$/,
      async (_, request) => {
        const { manifest } = (await request.json()) as { manifest: Record<string, { hash: string }> };
        account.assets = Object.keys(manifest);
        const buckets = [Object.values(manifest).map(({ hash }) => hash)];
        return { result: { jwt: "e30.e30.e30", buckets } };
      },
    ],
    ["POST", /^\/workers\/assets\/upload$/, () => ({ status: 201, result: { jwt: "e30.e30.e30" } })],
    ["PUT", /^\/workers\/scripts\/varve$/, (_, request) => upload(request)],
    ["POST", /^\/workers\/scripts\/varve\/versions$/, (_, request) => upload(request)],
    ["POST", /^\/workers\/scripts\/varve\/deployments$/, () => ({ result: { id: "deployment" } })],
    ["PATCH", /^\/workers\/scripts\/varve\/script-settings$/, () => ({ result: {} })],
    ["GET", /^\/workers\/scripts\/varve\/deployments$/, () => ({ result: { deployments: [] } })],
    [
      "GET",
      /^\/workers\/workers\/varve$/,
      () => ({
        result: { id: "varve", name: "varve", subdomain: { enabled: false, previews_enabled: false } },
      }),
    ],
    ["GET", /^\/workers\/subdomain$/, () => ({ result: { subdomain: "team" } })],
    [
      "GET",
      /^\/workers\/scripts\/varve\/subdomain$/,
      () => ({ result: { enabled: false, previews_enabled: false } }),
    ],
    [
      "POST",
      /^\/workers\/scripts\/varve\/subdomain$/,
      () => ({ result: { enabled: true, previews_enabled: true } }),
    ],
    [
      "PUT",
      /^\/workers\/scripts\/varve\/schedules$/,
      async (_, request) => {
        account.crons = ((await request.json()) as { cron: string }[]).map(({ cron }) => cron);
        return { result: { schedules: account.crons } };
      },
    ],
  ];
  const upload = async (request: Request): Promise<Answer> => {
    const form = await request.formData();
    const metadata = JSON.parse(String(form.get("metadata"))) as UploadedWorker["metadata"];
    const modules: Record<string, string> = {};
    for (const [name, value] of form) {
      // Not the source map.
      if (typeof value !== "string" && value.type.startsWith("application/javascript"))
        modules[name] = await value.text();
    }
    // A binding that the configuration does not name stays as it was.
    const before = account.worker?.metadata.bindings ?? [];
    metadata.bindings = metadata.bindings.map((binding) =>
      binding.type === "inherit" ? (before.find(({ name }) => name === binding.name) ?? binding) : binding,
    );
    account.worker = { metadata, modules };
    account.migration = metadata.migrations?.new_tag ?? account.migration;
    await onChange(account);
    return {
      result: {
        ...script(),
        id: "version",
        resources: { script: { etag: "etag" } },
        startup_time_ms: 1,
        metadata: { has_preview: false },
      },
    };
  };
  const script = () => ({
    id: "varve",
    tag: "varve-tag",
    migration_tag: account.migration,
    last_deployed_from: "wrangler",
  });

  const answerOf = async (incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
    const { pathname } = new URL(incoming.url ?? "/", "http://account");
    const path = pathname.replace(`/client/v4/accounts/${ACCOUNT_ID}`, "");
    const method = incoming.method ?? "GET";
    const request = new Request("http://account/", {
      method: "POST",
      headers: incoming.headers as Record<string, string>,
      body,
    });
    for (const [wanted, pattern, answer] of routes) {
      const match = pattern.exec(path);
      if (wanted === method && match !== null) return answer(match, request);
    }
    account.unknown.push(`${method} ${incoming.url}`);
    return missing(7003, "Could not route the request");
  };

  const server = await serveLoopback((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", async () => {
      const { status = 200, result = null, code, message } = await answerOf(incoming, Buffer.concat(parts));
      const errors = code === undefined ? [] : [{ code, message }];
      response.writeHead(status, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          success: status < 300,
          errors,
          messages: [],
          result,
        }),
      );
    });
  });
  const account: Account = {
    url: `${server.origin}/client/v4`,
    buckets: new Set(),
    namespaces: new Map(),
    secrets: new Map(),
    worker: undefined,
    migration: undefined,
    crons: [],
    assets: [],
    unknown: [],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return account;
}
