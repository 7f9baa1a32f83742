import { z } from "zod";
import { type AccessSettings, accessSettings } from "../../../schemas/access.ts";
import { issuesText } from "../../../schemas/issues-text.ts";
import { sha256 } from "../../streams/sha256.ts";
import { newProblem } from "../http/problem.ts";
import type { Configured } from "./access-service.ts";
import { AccessError } from "./denial.ts";

/** Variables of the Worker about access. */
interface AccessVariables {
  /** The admin's secret. */
  VARVE_ADMIN_TOKEN?: string;
  /** JSON in the format of `PUT /v1/access`; both apply. */
  VARVE_ACCESS?: string;
  /** Signs the tokens of the registry. */
  VARVE_SIGNING_KEY?: string;
}

/** Minimum length of a secret in characters. A shorter one can be guessed. */
const MIN_SECRET = 16;
/** Minimum length of a key in bytes: the size of a digest of HS256 (RFC 7518, section 3.2). */
const MIN_KEY = 32;

let last: { of: AccessVariables; read: Configured } | undefined;

/** The configured access, parsed once. @throws {AccessError} when it is invalid */
export function configuredOf(variables: AccessVariables): Configured {
  const { VARVE_ADMIN_TOKEN: admin, VARVE_ACCESS: access, VARVE_SIGNING_KEY: key } = variables;
  const isKnown =
    last?.of.VARVE_ADMIN_TOKEN === admin &&
    last?.of.VARVE_ACCESS === access &&
    last?.of.VARVE_SIGNING_KEY === key;
  if (last === undefined || !isKnown) {
    const of = { VARVE_ADMIN_TOKEN: admin, VARVE_ACCESS: access, VARVE_SIGNING_KEY: key } as AccessVariables;
    last = { of, read: read(admin?.trim() || undefined, access || "{}", key?.trim() || undefined) };
  }
  return last.read;
}

/** The union of both settings. */
export function mergeSettings(some: AccessSettings, others: AccessSettings): AccessSettings {
  return {
    public: [...some.public, ...others.public],
    start: [...some.start, ...others.start],
    trust: [...some.trust, ...others.trust],
  };
}

function read(admin: string | undefined, access: string, key: string | undefined): Configured {
  if (admin !== undefined && admin.length < MIN_SECRET) {
    throw settingsError(`VARVE_ADMIN_TOKEN has fewer than ${MIN_SECRET} characters`);
  }
  if (admin !== undefined && !/^[\x21-\x7e]+$/.test(admin)) {
    throw settingsError("VARVE_ADMIN_TOKEN has characters that a header cannot contain");
  }
  const signingKey = key === undefined ? undefined : new TextEncoder().encode(key);
  if (signingKey !== undefined && signingKey.length < MIN_KEY) {
    throw settingsError(`VARVE_SIGNING_KEY has fewer than ${MIN_KEY} bytes`);
  }
  try {
    const settings = accessSettings.parse(JSON.parse(access));
    return { admin: admin && sha256(admin), settings, signingKey };
  } catch (error) {
    const why = error instanceof z.ZodError ? issuesText(error) : (error as Error).message;
    throw settingsError(`VARVE_ACCESS: ${why}`);
  }
}

function settingsError(detail: string): AccessError {
  console.error(`Cannot use the settings: ${detail}`);
  return new AccessError(newProblem("settings-invalid", { detail: `Cannot use the settings: ${detail}` }));
}
