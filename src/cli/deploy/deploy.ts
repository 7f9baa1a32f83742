import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../../streams/pause.ts";
import { deployedAddress } from "./deployed-address.ts";
import { smokeTest } from "./smoke-test.ts";

// `npm run deploy`: deploys the Worker, makes its secrets on the first deploy, then builds and pulls an image.

const ADMIN_TOKEN = "VARVE_ADMIN_TOKEN";
const SIGNING_KEY = "VARVE_SIGNING_KEY";
/** A secret takes effect some seconds after it is stored. */
const SECRET_TRIES = 12;
const SECRET_PAUSE_MS = 5000;

/** Runs wrangler, and prints its output unless the caller reads it. @throws {Error} when it fails */
async function wrangler(
  args: readonly string[],
  { input, output }: { input?: string; output?: string } = {},
): Promise<string> {
  const isRead = input !== undefined || args[0] === "secret";
  const child = spawn("wrangler", args, {
    stdio: [input === undefined ? "inherit" : "pipe", isRead ? "pipe" : "inherit", "inherit"],
    env: { ...process.env, ...(output !== undefined && { WRANGLER_OUTPUT_FILE_PATH: output }) },
  });
  child.stdin?.end(input);
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`wrangler ${args.join(" ")} failed\n${text}`);
  return text;
}

/** Stores a new random secret. */
async function putSecret(name: string): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  await wrangler(["secret", "put", name], { input: secret });
  return secret;
}

/** Makes missing secrets. @returns the token for the smoke test: a new one of the admin, else that of the environment */
async function makeSecrets(): Promise<string | undefined> {
  const listed = JSON.parse(await wrangler(["secret", "list", "--format", "json"])) as { name: string }[];
  const has = (secret: string) => listed.some(({ name }) => name === secret);
  if (!has(SIGNING_KEY)) await putSecret(SIGNING_KEY);
  if (has(ADMIN_TOKEN)) return process.env.VARVE_TOKEN;
  const token = await putSecret(ADMIN_TOKEN);
  console.log(`\nThe token of the admin, which is shown this once: ${token}\n`);
  return token;
}

async function testUntilReady(url: string, token: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await smokeTest(url, { token, report: (line) => console.log(`Smoke test: ${line}`) });
    } catch (error) {
      if (tries === SECRET_TRIES) throw error;
      await pause(SECRET_PAUSE_MS);
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), "varve-deploy-"));
try {
  const output = join(folder, "output");
  await wrangler(["deploy", ...process.argv.slice(2)], { output });
  const url = process.env.VARVE_SERVER?.replace(/\/$/, "") ?? deployedAddress(await readFile(output, "utf8"));
  if (url === undefined) throw new Error("wrangler deployed to no address: set workers_dev or a route");
  const token = await makeSecrets();
  if (token === undefined) {
    console.log(
      `Deployed to ${url}. Set VARVE_TOKEN to a token of the server, and a deploy ends with a smoke test.`,
    );
  } else {
    await testUntilReady(url, token);
    console.log(`${url} works.`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
