import { Log, LogLevel, Miniflare } from "miniflare";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { startFront } from "../front.ts";
import { limitsWith } from "../limits.ts";
import { type Account, startAccount } from "./account.ts";

/** An empty account whose Worker runs in the embedded runtime as it was uploaded. */
export interface Cloudflare extends AsyncDisposable {
  account: Account;
  /** Address of the Worker. */
  url: string;
}

/** Starts an account, which runs the Worker that `wrangler deploy` and `wrangler secret put` send. */
export async function startCloudflare(): Promise<Cloudflare> {
  const folder = temporaryFolder();
  let runtime: Miniflare | undefined;
  let origin = "";

  const run = async ({ worker, secrets }: Account) => {
    if (worker === undefined) return;
    const { metadata, modules } = worker;
    type Binding =
      | { type: "text"; value: string }
      | { type: "r2"; name: string }
      | { type: "kv"; id: string };
    type ObjectBinding = { type: "durable-object"; worker: string; exportName: string };
    const objects = metadata.bindings.filter(({ type }) => type === "durable_object_namespace");
    const env = Object.fromEntries([
      ...metadata.bindings.flatMap((binding): [string, Binding | ObjectBinding][] => {
        const { type, name = "", bucket_name = "", namespace_id = "", class_name = "", text = "" } = binding;
        if (type === "r2_bucket") return [[name, { type: "r2", name: bucket_name }]];
        if (type === "kv_namespace") return [[name, { type: "kv", id: namespace_id }]];
        if (type === "plain_text") return [[name, { type: "text", value: text }]];
        if (type === "durable_object_namespace")
          return [[name, { type: "durable-object", worker: "varve", exportName: class_name }]];
        return [];
      }),
      ...[...secrets].map(([name, value]): [string, Binding] => [name, { type: "text", value }]),
    ]);
    await runtime?.dispose();
    runtime = new Miniflare({
      host: "127.0.0.1",
      port: 0,
      enableDevRegistry: false,
      cf: false,
      resourcePersistencePath: folder.path,
      telemetry: { enabled: false },
      log: new Log(LogLevel.ERROR),
      workers: [
        {
          config: {
            name: "varve",
            compatibilityDate: metadata.compatibility_date,
            compatibilityFlags: metadata.compatibility_flags,
            manifest: {
              mainModule: metadata.main_module,
              modules: Object.fromEntries(
                Object.entries(modules).map(([name, contents]) => [name, { type: "esm" as const, contents }]),
              ),
            },
            env,
            exports: Object.fromEntries(
              objects.map(({ class_name = "" }) => [
                class_name,
                { type: "durable-object" as const, storage: "sqlite" as const },
              ]),
            ),
          },
        },
      ],
    });
    ({ origin } = await runtime.ready);
  };

  const account = await startAccount(run);
  const front = await startFront(() => origin, limitsWith().bodyBytes);
  return {
    account,
    url: front.url,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await runtime?.dispose();
      await account[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
