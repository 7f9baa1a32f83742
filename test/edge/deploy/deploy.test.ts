import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { ACCOUNT_ID } from "./account.ts";
import { type Cloudflare, startCloudflare } from "./cloudflare.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
let cloudflare: Cloudflare;
// A minimal page: this test deploys the Worker.
const home = temporaryFolder({ "page/index.html": "the page" });

beforeAll(async () => {
  cloudflare = await startCloudflare();
});
afterAll(async () => {
  home[Symbol.dispose]();
  await cloudflare[Symbol.asyncDispose]();
});

/** Milliseconds: wrangler bundles the Worker and starts several times. */
const TIMEOUT_MS = 400_000;

/** Runs what `npm run deploy` runs after it has built the page. */
async function deploy(env: Record<string, string> = {}): Promise<string> {
  const bin = join(root, "node_modules/.bin");
  const args = [join(root, "src/cli/deploy/deploy.ts"), "--assets", join(home.path, "page")];
  const { stdout } = await run(join(bin, "node"), args, {
    cwd: root,
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: home.path,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_API_BASE_URL: cloudflare.account.url,
      CLOUDFLARE_API_TOKEN: "the-token-of-an-account",
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
      ...env,
    },
  });
  return stdout;
}

/** The tag of the last migration in `wrangler.toml`. */
function lastMigration(): string | undefined {
  const text = readFileSync(join(root, "wrangler.toml"), "utf8");
  return [...text.matchAll(/^tag = "(v\d+)"$/gm)].at(-1)?.[1];
}

test("a deploy into an empty account provisions everything, and ends with a build and a pull", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { account } = cloudflare;
  const stdout = await deploy({ VARVE_SERVER: cloudflare.url });
  expect(account.unknown).toEqual([]);
  expect([...account.buckets]).toEqual(["varve"]);
  expect([...account.namespaces.keys()]).toEqual(["varve-cache"]);
  expect([...account.secrets.keys()]).toEqual(["VARVE_SIGNING_KEY", "VARVE_ADMIN_TOKEN"]);
  expect(account.crons).toEqual(["17 3 * * *"]);
  expect(account.assets).toEqual(["/index.html"]);
  expect(account.worker?.metadata).toMatchObject({
    limits: { cpu_ms: 300_000 },
    observability: { enabled: true },
  });
  const classes = account.worker?.metadata.migrations?.steps?.flatMap(
    (step) => step.new_sqlite_classes ?? [],
  );
  const bound = account.worker?.metadata.bindings.flatMap(({ class_name }) => class_name ?? []);
  expect(classes?.toSorted()).toEqual(bound?.toSorted());
  const token = account.secrets.get("VARVE_ADMIN_TOKEN") as string;
  expect(stdout).toContain(token);
  const signingKey = account.secrets.get("VARVE_SIGNING_KEY") as string;
  expect(signingKey.length).toBeGreaterThan(40);
  expect(stdout).not.toContain(signingKey);
  expect(stdout).toContain("it serves the image: 3 objects match their digests");
});

test("a later deploy keeps the token, the namespace and the stored objects", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { account } = cloudflare;
  const token = account.secrets.get("VARVE_ADMIN_TOKEN") as string;
  const stdout = await deploy({ VARVE_SERVER: cloudflare.url, VARVE_TOKEN: token });
  expect(account.secrets.get("VARVE_ADMIN_TOKEN")).toBe(token);
  expect(stdout).not.toContain(token);
  expect([...account.namespaces.keys()]).toEqual(["varve-cache"]);
  expect(account.migration).toBe(lastMigration());
  expect(stdout).toContain("it serves the image");
  const silent = await deploy({ VARVE_SERVER: cloudflare.url });
  expect(silent).toContain("Set VARVE_TOKEN");
});
