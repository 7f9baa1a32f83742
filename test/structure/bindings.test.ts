import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import { configuration } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** The parts of wrangler.toml that are read. */
interface Deployed {
  name: string;
  compatibility_date: string;
  compatibility_flags: string[];
  assets: { directory: string; run_worker_first: string[] };
  r2_buckets: { binding: string; bucket_name: string }[];
  kv_namespaces: { binding: string; id?: string }[];
  limits: { cpu_ms: number };
  observability: { enabled: boolean };
  durable_objects: { bindings: { name: string; class_name: string }[] };
  migrations: { new_sqlite_classes?: string[] }[];
}

const deployed = unstable_readConfig({ config: "wrangler.toml" }) as Deployed;
const [, local] = configuration(
  "",
  { data: "/", assets: "/assets" },
  {
    objects: { address: "", authorization: "", files: "/objects/files" },
    socket: "/socket",
    secret: "secret",
    connect: async () => {},
  },
  { address: "", authorization: "" },
).workers;
const { config } = local as unknown as {
  config: {
    compatibilityDate: string;
    compatibilityFlags: string[];
    env: Record<string, { type: string; name?: string; id?: string; exportName?: string }>;
    exports: Record<string, { storage: string }>;
    assets: { directory: string; runWorkerFirst: string[] };
  };
};

test("the local server runs the Worker as it is deployed", () => {
  expect(config.compatibilityDate).toBe(deployed.compatibility_date);
  expect(config.compatibilityFlags).toEqual(deployed.compatibility_flags);
  expect(config.assets).toMatchObject({
    directory: "/assets",
    runWorkerFirst: deployed.assets.run_worker_first,
  });
});

test("the local server has the bindings of wrangler.toml, and the settings that are for it alone", () => {
  const bindings = Object.fromEntries([
    ...deployed.r2_buckets.map(({ binding, bucket_name }) => [binding, { type: "r2", name: bucket_name }]),
    ...deployed.kv_namespaces.map(({ binding }) => [binding, { type: "kv", id: expect.any(String) }]),
    ...deployed.durable_objects.bindings.map(({ name, class_name }) => [
      name,
      { type: "durable-object", worker: deployed.name, exportName: class_name },
    ]),
  ]);
  const texts = Object.entries(config.env).filter(([, { type }]) => type === "text");
  const { OBJECTS, LAYERS, FILES, ...env } = config.env;
  expect(env).toEqual({ ...bindings, ...Object.fromEntries(texts) });
  expect([OBJECTS?.type, LAYERS?.type]).toEqual(["external", "external"]);
  expect(FILES).toEqual({ type: "disk", path: "/objects/files", writable: false });
  for (const [name] of texts) expect(name).toMatch(/^VARVE_/);
});

test("a first deploy needs nothing of another account", () => {
  // wrangler creates resources without an id.
  expect(deployed.kv_namespaces).toEqual([{ binding: "CACHE" }]);
  expect(deployed).toMatchObject({ limits: { cpu_ms: 300_000 }, observability: { enabled: true } });
});

test("every class of Durable Objects is migrated and keeps its state in SQLite", () => {
  const classes = deployed.durable_objects.bindings.map(({ class_name }) => class_name);
  expect(deployed.migrations.flatMap(({ new_sqlite_classes = [] }) => new_sqlite_classes)).toEqual(classes);
  expect(config.exports).toEqual(
    Object.fromEntries(classes.map((name) => [name, { type: "durable-object", storage: "sqlite" }])),
  );
});

test("runners in containers can be enabled as wrangler.toml describes", async () => {
  using folder = temporaryFolder();
  const text = (await readFile("wrangler.toml", "utf8")).replaceAll(/^#: ?/gm, "");
  const config = join(folder.path, "wrangler.toml");
  await writeFile(config, text.replaceAll(/(image|image_build_context) = "\./g, `$1 = "${process.cwd()}`));
  const on = unstable_readConfig({ config });
  const { containers = [], durable_objects, migrations } = on;
  expect(containers).toMatchObject([{ class_name: "RunnerContainer", image_build_context: process.cwd() }]);
  await access(containers[0]?.image ?? "");
  expect(durable_objects.bindings).toContainEqual({
    name: "RUNNER_CONTAINERS",
    class_name: "RunnerContainer",
  });
  expect(migrations.at(-1)).toMatchObject({ new_sqlite_classes: ["RunnerContainer"] });
  expect(new Set(migrations.map(({ tag }: { tag: string }) => tag)).size).toBe(migrations.length);
});
