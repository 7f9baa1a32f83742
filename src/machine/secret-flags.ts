import { csvFields } from "../dockerfile/csv.ts";
import { cut } from "../streams/cut.ts";

/** A secret of `--secret`, which stays on this machine until a step reads it. */
export interface SecretSource {
  id: string;
  /** The source of the value: a variable or a file; with neither, the variable of its name, or else such a file. */
  env?: string;
  file?: string;
}

/** The source of an id of `--ssh`: the agent at a socket, or keys; with neither, the agent of this session. */
export interface SshSource {
  id: string;
  paths: string[];
}

/**
 * Parses the value of `--secret` like docker: `id=name[,src=path|,env=NAME][,type=file|env]`, with fields quoted as in
 * CSV.
 * @throws {SyntaxError}
 */
export function parseSecretFlag(text: string): SecretSource {
  const source: SecretSource = { id: "" };
  let type = "";
  for (const field of readFields(text)) {
    const [name, value] = cut(field, "=");
    if (value === undefined) throw new SyntaxError(`invalid field '${field}' must be a key=value pair`);
    const key = name.toLowerCase();
    if (key === "id") source.id = value;
    else if (key === "src" || key === "source") source.file = value;
    else if (key === "env") source.env = value;
    else if (key !== "type") throw new SyntaxError(`unexpected key '${key}' in '${field}'`);
    else if (value !== "file" && value !== "env")
      throw new SyntaxError(`unsupported secret type ${JSON.stringify(value)}`);
    else type = value;
  }
  if (source.id === "") throw new SyntaxError(`the secret '${text}' has no id`);
  const { id, env, file } = source;
  if (type === "env" && !env && file) return { id, env: file };
  return { id, ...(env ? { env } : file ? { file } : {}) };
}

/** Parses the value of `--ssh` like docker: `id[=socket|=key[,key…]]`; the default id is `default`. */
export function parseSshFlag(text: string): SshSource {
  const [id, paths = ""] = cut(text, "=");
  return { id: id || "default", paths: paths.split(",").filter((path) => path !== "") };
}

/** @throws {SyntaxError} */
function readFields(text: string): string[] {
  try {
    return csvFields(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new SyntaxError(`cannot read the secret '${text}': ${error.message}`);
    throw error;
  }
}
