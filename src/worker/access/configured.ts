import { z } from "zod";
import { type AccessSettings, accessSettings } from "../../../schemas/access.ts";
import { sha256 } from "../../streams/sha256.ts";
import { newProblem } from "../http/problem.ts";
import type { Configured } from "./access-service.ts";
import { AccessError } from "./denial.ts";

/** Variables of the Worker about access. */
export interface AccessVariables {
  /** The admin's secret. */
  VARVE_ADMIN_TOKEN?: string;
  /** JSON in the format of `PUT /v1/access`; both apply. */
  VARVE_ACCESS?: string;
}

/** Characters. A shorter secret can be guessed. */
const shortestSecret = 16;

let last: { admin: string | undefined; access: string | undefined; read: Configured } | undefined;

/** The configured access, parsed once. @throws AccessError when it is invalid */
export function configuredOf({
  VARVE_ADMIN_TOKEN: admin,
  VARVE_ACCESS: access,
}: AccessVariables): Configured {
  if (last === undefined || last.admin !== admin || last.access !== access) {
    last = { admin, access, read: read(admin?.trim() || undefined, access || "{}") };
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

function read(admin: string | undefined, access: string): Configured {
  if (admin !== undefined && admin.length < shortestSecret) {
    throw unusable(`VARVE_ADMIN_TOKEN has fewer than ${shortestSecret} characters`);
  }
  if (admin !== undefined && !/^[\x21-\x7e]+$/.test(admin)) {
    throw unusable("VARVE_ADMIN_TOKEN has characters that cannot stand in a header");
  }
  try {
    return { admin: admin && sha256(admin), settings: accessSettings.parse(JSON.parse(access)) };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw unusable(`VARVE_ACCESS: ${why}`);
  }
}

function unusable(detail: string): AccessError {
  console.error(`Cannot use the settings: ${detail}`);
  return new AccessError(newProblem("settings-invalid", { detail: `Cannot use the settings: ${detail}` }));
}
