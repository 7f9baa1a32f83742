import { cut } from "../streams/cut.ts";
import { readBoolean } from "./boolean.ts";
import { readByteSize } from "./byte-size.ts";
import { readFields } from "./csv.ts";
import { Fault } from "./fault.ts";
import type { Mount } from "./instruction.ts";
import { quoteGo } from "./quote.ts";
import { suggest } from "./suggest.ts";

const types: readonly Mount["type"][] = ["bind", "cache", "tmpfs", "secret", "ssh"];
const sharings = ["shared", "private", "locked"] as const;
const MAX_ID = 2 ** 32 - 1;

type Change = (mount: Draft, value: string, key: string) => void;

/** A mount being read. `readonly` is undefined while the type determines it. */
type Draft = Omit<Mount, "readonly"> & { readonly?: boolean };

const setSource: Change = (mount, value) => {
  mount.source = value;
};
const setTarget: Change = (mount, value) => {
  mount.target = value;
};
const setReadonly: Change = (mount, value, key) => {
  mount.readonly = truth(value, key);
};
const setWritable: Change = (mount, value, key) => {
  mount.readonly = !truth(value, key);
};

/** The effect of each key of `key=value`; of equally near suggestions, the first is used. */
const changes: Record<string, Change> = {
  type: (mount, value) => {
    mount.type = oneOf(types, value, "unsupported mount type");
  },
  from: (mount, value) => {
    mount.from = value;
  },
  source: setSource,
  target: setTarget,
  readonly: setReadonly,
  id: (mount, value) => {
    mount.cacheId = value;
  },
  sharing: (mount, value) => {
    mount.sharing = oneOf(sharings, value, "unsupported sharing value");
  },
  required: (mount, value, key) => {
    onlyFor(["secret", "ssh"], mount, key);
    mount.required = truth(value, key);
  },
  size: (mount, value, key) => {
    onlyFor(["tmpfs"], mount, key);
    const size = readByteSize(value);
    if (size === undefined) throw fault(`invalid value for ${key}: ${value}`);
    mount.sizeLimit = size;
  },
  mode: (mount, value, key) => {
    mount.mode = natural(value, 8, key);
  },
  uid: (mount, value, key) => {
    mount.uid = natural(value, 10, key);
  },
  gid: (mount, value, key) => {
    mount.gid = natural(value, 10, key);
  },
  src: setSource,
  dst: setTarget,
  destination: setTarget,
  ro: setReadonly,
  rw: setWritable,
  readwrite: setWritable,
  env: (mount, value) => {
    mount.env = value;
  },
};

/** Keys that are valid without a value. */
const bareKeys: Record<string, Change> = {
  readonly: (mount) => {
    mount.readonly = true;
  },
  ro: (mount) => {
    mount.readonly = true;
  },
  readwrite: (mount) => {
    mount.readonly = false;
  },
  rw: (mount) => {
    mount.readonly = false;
  },
  required: (mount, _, key) => {
    onlyFor(["secret", "ssh"], mount, key);
    mount.required = true;
  },
};

/**
 * Reads the value of one `--mount` of RUN. Applies `expand` to each value separately, so that a comma in a variable
 * does not split fields.
 * @throws {Fault} with code `parse/mount`
 */
export function readMount(text: string, expand: (value: string) => string = (value) => value): Mount {
  const draft: Draft = { type: "bind" };
  for (const field of readFields(text, "parse/mount", "mounts")) {
    const [name, written] = cut(field, "=");
    const key = name.toLowerCase();
    const table = written === undefined ? bareKeys : changes;
    const change = Object.hasOwn(table, key) ? table[key] : undefined;
    // Expand the value first: its errors are reported even when the key is unknown.
    const value = written === undefined ? "" : expand(written);
    if (change === undefined) {
      if (written === undefined) throw fault(`invalid field '${field}' must be a key=value pair`, field);
      throw fault(`unexpected key '${key}' in '${field}'`, field, suggest(key, Object.keys(changes)));
    }
    change(draft, value, key);
  }
  return finish(draft);
}

/** Validates a `--mount` before any variable is known: its quoting, and a variable in `from`. */
export function checkMount(text: string): void {
  for (const field of readFields(text, "parse/mount", "mounts")) {
    const match = /^from=(.*)$/is.exec(field);
    if (match?.[1] && /\$./s.test(match[1])) {
      throw fault(`'from' doesn't support variable expansion, define alias stage instead`, field);
    }
  }
}

function finish(draft: Draft): Mount {
  const { type } = draft;
  if (type === "bind" || type === "tmpfs") {
    for (const key of ["mode", "uid", "gid"] as const) {
      if (draft[key] !== undefined) throw fault(`${key} not allowed for ${quoteGo(type)} type mounts`);
    }
  }
  if (type === "secret") {
    if (draft.from) throw fault("secret mount should not have a from");
    if (draft.sharing) throw fault("secret mount should not define sharing");
    if (!draft.source && !draft.target && !draft.cacheId) {
      throw fault("invalid secret mount. one of source, target required");
    }
    if (draft.source && draft.cacheId) throw fault("both source and id can't be set");
  }
  if (draft.sharing && type !== "cache") throw fault(`invalid cache sharing set for ${type} mount`);
  const readonly = draft.readonly ?? (type !== "cache" && type !== "tmpfs");
  return { ...draft, readonly };
}

function fault(message: string, word?: string, suggestion?: string): Fault {
  return new Fault("parse/mount", message, { ...(word !== undefined && { word }), suggestion });
}

function truth(value: string, key: string): boolean {
  const answer = readBoolean(value);
  if (answer === undefined) throw fault(`invalid value for ${key}: ${value}`);
  return answer;
}

function oneOf<T extends string>(options: readonly T[], value: string, complaint: string): T {
  const lower = value.toLowerCase();
  const found = options.find((option) => option === lower);
  if (found === undefined) throw fault(`${complaint} ${quoteGo(value)}`, value, suggest(value, options));
  return found;
}

function natural(value: string, base: 8 | 10, key: string): number {
  const isNumber = (base === 8 ? /^[0-7]{1,12}$/ : /^\d{1,12}$/).test(value.replace(/^0+(?=.)/, ""));
  const number = isNumber ? Number.parseInt(value, base) : Number.NaN;
  if (!(number <= MAX_ID)) throw fault(`invalid value ${value} for ${key}`);
  return number;
}

function onlyFor(allowed: readonly Mount["type"][], mount: Draft, key: string): void {
  if (!allowed.includes(mount.type)) throw fault(`unexpected key '${key}' for mount type '${mount.type}'`);
}
