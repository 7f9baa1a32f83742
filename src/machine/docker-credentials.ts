import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { basicAuthorization } from "../network/basic-authorization.ts";
import type { Credentials } from "../registry/remote/authorizer.ts";
import { fileReason } from "../runner/files/file-reason.ts";
import { makeFolder } from "../runner/files/make-folder.ts";
import { cut } from "../streams/cut.ts";
import { trimEnd } from "../streams/trim-end.ts";
import { configFile } from "./docker-config-file.ts";
import { realPlace } from "./real-place.ts";
import { replaceFile } from "./replace-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The fields of docker's `config.json` for credentials; other fields are preserved. */
interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
  [other: string]: unknown;
}

/** Docker's name for Docker Hub in its settings. */
const HUB = "https://index.docker.io/v1/";
/** The user name that helpers use when the secret is a token. */
const TOKEN_USER = "<token>";

/** Docker's name for a registry in its settings. @param host as in references: `docker.io`, `localhost:5000` */
function keyOf(host: string): string {
  return /^(index\.|registry-1\.)?docker\.io$/.test(host) ? HUB : host;
}

/**
 * Reads the credentials for a registry that docker or `varve login` has stored, in the settings or with a credential
 * helper.
 * @throws {Error}
 */
export async function storedCredentials(
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const config = readDockerConfig(configFile(environment));
  const key = keyOf(host);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper) {
    const given = await askHelper(helper, "get", key, environment);
    return given === undefined ? undefined : fromHelper(given);
  }
  const auths = config.auths ?? {};
  const name = Object.hasOwn(auths, key) ? key : Object.keys(auths).find((other) => hostOf(other) === key);
  return name === undefined ? undefined : fromConfig(auths[name] ?? {});
}

/**
 * The Authorization header for a varve server, from the credentials stored for its host. Runs a helper only when the
 * settings say that it has credentials for the host, because that takes longer than many builds.
 * @throws {Error}
 */
export async function storedAuthorization(
  host: string,
  environment: Environment,
): Promise<string | undefined> {
  const { auths = {}, credHelpers = {} } = readDockerConfig(configFile(environment));
  const names = [...Object.keys(auths), ...Object.keys(credHelpers)];
  if (!names.some((name) => hostOf(name) === host)) return undefined;
  const stored = await storedCredentials(host, environment);
  if (stored === undefined) return undefined;
  const { username, password, identityToken } = stored;
  return identityToken !== undefined ? `Bearer ${identityToken}` : basicAuthorization(username, password);
}

/**
 * Stores credentials where docker would. Returns the file or the helper that has them now. @throws {Error}
 */
export async function storeCredentials(
  host: string,
  { username, password }: Credentials,
  environment: Environment,
): Promise<string> {
  const file = configFile(environment);
  const config = readDockerConfig(file);
  const key = keyOf(host);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper) {
    const entry = JSON.stringify({ ServerURL: key, Username: username, Secret: password });
    await askHelper(helper, "store", entry, environment);
    writeConfig(file, { ...config, auths: { ...config.auths, [key]: {} } });
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  writeConfig(file, { ...config, auths: { ...config.auths, [key]: { auth } } });
  return file;
}

/** Deletes the credentials of a registry; returns whether there were any. @throws {Error} */
export async function eraseCredentials(host: string, environment: Environment): Promise<boolean> {
  const file = configFile(environment);
  const config = readDockerConfig(file);
  const key = keyOf(host);
  const { [key]: known, ...auths } = config.auths ?? {};
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper && (known !== undefined || (await askHelper(helper, "get", key, environment)) !== undefined))
    await askHelper(helper, "erase", key, environment);
  if (known !== undefined) writeConfig(file, { ...config, auths });
  return known !== undefined;
}

function fromConfig({ auth, username, password, identitytoken }: NonNullable<DockerConfig["auths"]>[string]) {
  const decoded = auth === undefined ? "" : Buffer.from(auth, "base64").toString();
  const [decodedUser, decodedPassword = ""] = cut(decoded, ":");
  const user = username ?? decodedUser;
  // Like docker, strips zero bytes that old versions stored.
  const secret = password ?? trimEnd(decodedPassword, "\0");
  if (identitytoken) return { username: user, password: "", identityToken: identitytoken };
  return user === "" && secret === "" ? undefined : { username: user, password: secret };
}

function fromHelper(text: string): Credentials {
  const { Username = "", Secret = "" } = parseSecret<{ Username?: string; Secret?: string }>(
    text,
    "Cannot read the credentials that the credential helper printed",
  );
  if (Username === TOKEN_USER) return { username: "", password: "", identityToken: Secret };
  return { username: Username, password: Secret };
}

/** Old settings name registries by URL. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, "").split("/")[0] ?? name;
}

/** Reads docker's settings: none when there is no such file. @throws {Error} */
export function readDockerConfig(file: string): DockerConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new Error(`Cannot read ${file}: ${fileReason(error)}`, { cause: error });
  }
  return parseSecret(text, `Cannot read ${file}`);
}

/** Parses JSON that may have secrets. The error of `JSON.parse` would quote them. @throws {Error} */
function parseSecret<T>(text: string, failure: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${failure}: it is not valid JSON`);
  }
}

/** Writes the settings atomically, readable only by the user. */
export function writeConfig(file: string, config: DockerConfig): void {
  makeFolder(dirname(file), 0o700);
  replaceFile(realPlace(file), `${JSON.stringify(config, null, "\t")}\n`);
}

/** Runs a credential helper with docker's protocol; undefined when it has no credentials. */
function askHelper(
  helper: string,
  action: "get" | "store" | "erase",
  input: string,
  environment: Environment,
): Promise<string | undefined> {
  if (!/^[\w.-]+$/.test(helper)) throw new Error(`"${helper}" is not a valid name of a credential helper`);
  const program = `docker-credential-${helper}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [action], { env: environment, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (cause) =>
      reject(
        new Error(
          `Cannot run ${program}, the credential helper in docker's config.json: ${fileReason(cause)}`,
          { cause },
        ),
      ),
    );
    child.on("close", (status) => {
      if (status === 0) resolve(stdout);
      else if (/credentials not found/i.test(stdout)) resolve(undefined);
      else reject(new Error(`${program} ${action} failed: ${(stdout || stderr).trim()}`));
    });
    child.stdin.on("error", () => {}).end(input);
  });
}
