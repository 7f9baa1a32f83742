import { expect, test } from "vitest";
import { serve } from "./network.ts";
import {
  ask,
  type Built,
  build,
  env,
  eventsOf,
  explain,
  postBuild,
  problemIn,
  recordOf,
  textOf,
} from "./server.ts";

const origin = "https://files.example.com";
const user = "arthur-philip-dent";
/** Has no characters that a URL escapes, so a search finds it in every form of the URL. */
const password = "s3cret-d0lphins";
/** The form in which a request contains user and password. */
const authorization = `Basic ${btoa(`${user}:${password}`)}`;
let contents = "first";

serve(origin, ({ headers, url }) => {
  if (headers.get("authorization") !== authorization) return new Response(null, { status: 401 });
  return url.endsWith("/missing") ? new Response(null, { status: 404 }) : new Response(contents);
});

const url = (path: string) => `https://${user}:${password}@files.example.com/${path}`;
const inText = { Dockerfile: `FROM scratch\nADD ${url("in-text")} /x\n` };
const inArgument = {
  Dockerfile: "FROM scratch\nARG WHO\nADD https://${WHO}@files.example.com/in-argument /x\n",
};
const given = { buildargs: JSON.stringify({ WHO: `${user}:${password}` }) };

async function requireAbsent(what: string, text: string | Promise<string>): Promise<void> {
  for (const secret of [password, user, btoa(`${user}:${password}`)])
    expect((await text).includes(secret), `${what} has "${secret}"`).toBe(false);
}

async function everythingOf({ id, digest }: Built, name: string): Promise<Record<string, string>> {
  const history = await ask(`/v1/images/${name}/latest/history`);
  const config = await ask(`/v1/images/${name}/latest`);
  expect([history.status, config.status]).toEqual([200, 200]);
  const referrers = await ask(`/v2/${name}/referrers/${digest}`);
  // Like BuildKit, varve records the values of arguments: they are not secrets.
  const withoutArguments = async (answer: Response) => (await textOf(answer)).replaceAll(/"ARG [^"]*"/g, "");
  return {
    events: JSON.stringify(await eventsOf(id)),
    explanation: JSON.stringify(await explain(id)),
    record: JSON.stringify(await recordOf(id)),
    builds: await textOf(await ask("/v1/builds")),
    history: await withoutArguments(history),
    image: await withoutArguments(config),
    referrers: await textOf(referrers),
    cache: await cached(),
  };
}

/** All keys and values of KV. */
async function cached(): Promise<string> {
  const { keys } = await env.CACHE.list();
  const values = await Promise.all(keys.map(async ({ name }) => `${name} ${await env.CACHE.get(name)}`));
  return values.join("\n");
}

test.each([
  ["written in the Dockerfile", "in-text", inText, {}],
  ["given as an argument", "in-argument", inArgument, given],
])("user and password in a URL of ADD are not stored or shown: %s", async (_, name, files, query) => {
  contents = `first ${name}`;
  const options = { t: name, ...query };
  for (const [part, text] of Object.entries(await everythingOf(await build(files, options), name)))
    await requireAbsent(part, text);
  contents = `second ${name}`;
  const second = await build(files, options);
  const everything = await everythingOf(second, name);
  for (const [part, text] of Object.entries(everything)) await requireAbsent(part, text);

  const shown = `https://xxxxx:xxxxx@files.example.com/${name}`;
  expect(await explain(second.id)).toMatchObject([
    { name: `[1/1] ADD ${shown} /x`, why: `The contents of "https://files.example.com/${name}" changed.` },
  ]);
  expect(everything.history).toContain(`ADD ${shown} /x # buildkit`);
});

test("are not in the error of a download or its source lines", async () => {
  const answer = await postBuild(
    { Dockerfile: `FROM scratch\nADD ${url("missing")} /x\n` },
    { t: "missing" },
  );
  const problem = await problemIn(answer);
  expect(problem.detail).toContain("ADD https://xxxxx:xxxxx@files.example.com/missing /x");
  await requireAbsent("problem", JSON.stringify(problem));
});

test("are not in a plan", async () => {
  const body = JSON.stringify({ dockerfile: inText.Dockerfile });
  const headers = { "content-type": "application/json" };
  const answer = await ask("/v1/plan", { method: "POST", body, headers });
  expect(answer.status).toBe(200);
  const text = await textOf(answer);
  expect(text).toContain("ADD https://xxxxx:xxxxx@files.example.com/in-text /x");
  await requireAbsent("plan", text);
});

test("are not in a provenance", async () => {
  const { digest } = await build(inText, {
    t: "attested",
    provenance: "mode=max",
    attestations: "referrers",
  });
  const { manifests } = await (await ask(`/v2/attested/referrers/${digest}`)).json<{
    manifests: { digest: string }[];
  }>();
  expect(manifests).toHaveLength(1);
  const manifest = await ask(`/v2/attested/manifests/${manifests[0]?.digest}`);
  const { layers } = await manifest.json<{ layers: { digest: string }[] }>();
  const statement = await textOf(await ask(`/v2/attested/blobs/${layers[0]?.digest}`));
  await requireAbsent("statement", statement);
  const { predicate } = JSON.parse(statement);
  const { infos } = predicate.runDetails.metadata.buildkit_metadata.source;
  expect(atob(infos[0].data)).toContain("ADD https://xxxxx:xxxxx@files.example.com/in-text /x");
  expect(predicate.buildDefinition.resolvedDependencies[0].uri).toBe(
    "https://xxxxx:xxxxx@files.example.com/in-text",
  );
});

test("a download with a password is not found in the build cache without it", async () => {
  contents = "for one alone";
  const { manifest } = await build(inText, { t: "one" });
  const digest = [
    ...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(contents))),
  ]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  expect(manifest.layers).toHaveLength(1);
  const plain = `${origin}/in-text`;
  const wrong = plain.replace("//", `//${user}:wrong@`);
  for (const source of [plain, wrong]) {
    const Dockerfile = `FROM scratch\nADD --checksum=sha256:${digest} ${source} /x\n`;
    expect((await postBuild({ Dockerfile }, { t: "other" })).status).toBe(400);
  }
  const Dockerfile = `FROM scratch\nADD --checksum=sha256:${digest} ${url("in-text")} /x\n`;
  expect((await postBuild({ Dockerfile }, { t: "other" })).status).toBe(200);
});
