import { UnreachableError } from "../../client/service.ts";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { configuredRealms } from "../../command/outputs/configured-realms.ts";
import { eraseCredentials, storeCredentials } from "../../machine/docker-credentials.ts";
import { basicAuthorization } from "../../network/basic-authorization.ts";
import { isLoopbackHost } from "../../network/network-policy.ts";
import { requireRealm } from "../../registry/realm.ts";
import { parseChallenges } from "../../registry/remote/challenge.ts";
import { endpointOf } from "../../registry/remote/endpoint.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { command } from "../command.ts";
import { askHidden, askLine } from "../terminal/prompt.ts";

/** User name for a token. Registries require one, and the server ignores it. */
const TOKEN_NAME = "token";

const UNATTENDED = "Use --username and --password-stdin.";

/** `varve login`. */
export const loginCommand = command(
  {
    name: "login",
    usage: "[OPTIONS] [SERVER]",
    summary: "Log in to a server or registry; stores the credentials where docker does",
    about:
      "SERVER is a varve server or any registry (default: --server, VARVE_SERVER). For a varve server, the password can be a token; any user name works with it.",
    flags: {
      username: { kind: "text", short: "u", value: "NAME", help: "User name" },
      password: {
        kind: "text",
        short: "p",
        help: "Password or token; use --password-stdin to keep it out of the process list",
      },
      "password-stdin": { kind: "bool", help: "Read the password from stdin" },
      ...serverFlags,
    },
    args: [0, 1],
  },
  async ({ values, args: [server] }) => {
    const base = baseOf(server, values.server);
    if (values.password !== undefined && values["password-stdin"])
      throw new UsageError("--password and --password-stdin are mutually exclusive");
    if (values.password !== undefined)
      process.stderr.write(
        "WARNING: --password is visible to other users of this machine. Use --password-stdin.\n",
      );
    const isOwn = server === undefined || values.token !== undefined;
    const username = values.username ?? (isOwn ? TOKEN_NAME : await askLine("Username: ", UNATTENDED));
    const password = await passwordOf(values);
    if (password === "") throw new UsageError("the password is empty");
    await verify(base, username, password);
    const place = await storeCredentials(hostOf(base), { username, password }, process.env);
    process.stdout.write(`Login Succeeded\n`);
    if (!place.startsWith("docker-credential-"))
      process.stderr.write(
        `WARNING: the password is stored unencrypted in ${place}: any program that can read the file can use it.\n`,
      );
    return EXIT.ok;
  },
);

/** `varve logout`. */
export const logoutCommand = command(
  {
    name: "logout",
    usage: "[OPTIONS] [SERVER]",
    summary: "Delete the credentials that `varve login` or `docker login` stored",
    flags: serverFlags,
    args: [0, 1],
  },
  async ({ values, args: [server] }) => {
    const host = hostOf(baseOf(server, values.server));
    const wasThere = await eraseCredentials(host, process.env);
    process.stdout.write(
      wasThere ? `Removing login credentials for ${host}\n` : `Not logged in to ${host}\n`,
    );
    return EXIT.ok;
  },
);

async function passwordOf(values: {
  password: string | undefined;
  "password-stdin": boolean | undefined;
  token: string | undefined;
}): Promise<string> {
  if (values.password !== undefined) return values.password;
  if (values.token !== undefined) return values.token;
  if (values["password-stdin"]) {
    const { text } = await import("node:stream/consumers");
    return (await text(process.stdin)).replace(/\r?\n$/, "");
  }
  return askHidden("Password: ", UNATTENDED);
}

/** The base URL: of a varve server by its flag, of a registry by its host. */
function baseOf(argument: string | undefined, flag: string | undefined): string {
  if (argument === undefined || argument.includes("://"))
    return trimEnd(serverFlag(argument ?? flag, process.env), "/");
  const host = argument.split("/", 1)[0] ?? "";
  if (URL.parse(`http://${host}`) === null) throw new UsageError(`"${argument}" is not a valid server`);
  return endpointOf(host === "index.docker.io" ? "docker.io" : host);
}

function hostOf(base: string): string {
  return new URL(base).host;
}

/** Checks credentials with `GET /v2/`, as docker does. @throws {CommandError} */
async function verify(base: string, username: string, password: string): Promise<void> {
  const { host, protocol } = new URL(base);
  if (protocol !== "https:" && !isLoopbackHost(host))
    throw new CommandError(`Cannot log in to ${base}: the connection is not encrypted`);
  const authorization = basicAuthorization(username, password);
  let answer = await get(`${base}/v2/`, {});
  const challenges = parseChallenges(answer.headers.get("www-authenticate") ?? "");
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (answer.status === 401 && bearer !== undefined) {
    const realm = requireRealm(bearer, { base, host, hasCredentials: true, realms: configuredRealms() });
    const service = bearer.parameters.get("service");
    if (service !== undefined) realm.searchParams.set("service", service);
    realm.searchParams.set("account", username);
    answer = await get(realm.href, { authorization });
  } else if (answer.status === 401 || answer.ok) {
    answer = await get(`${base}/v2/`, { authorization });
  }
  if (answer.ok) return;
  if (answer.status === 401 || answer.status === 403)
    throw new CommandError(
      `Cannot log in to ${host}: it rejects this user name and password`,
      undefined,
      EXIT.denied,
    );
  throw new CommandError(`Cannot log in to ${host}: status ${answer.status}`);
}

/** Redirects are not followed: the password is only for the named host. */
async function get(url: string, headers: Record<string, string>): Promise<Response> {
  try {
    const answer = await fetch(url, { headers, redirect: "manual" });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    const { cause } = error as { cause?: Error & { code?: string } };
    const isRefused = cause?.code === "ECONNREFUSED";
    throw new UnreachableError(
      `Cannot reach ${new URL(url).origin}: ${cause?.message ?? (error as Error).message}`,
      { isRefused, cause },
    );
  }
}
