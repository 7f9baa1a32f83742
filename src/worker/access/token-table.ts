import type { TokenInfo, TokenRequest } from "../../../schemas/access.ts";
import { toBase64Url } from "../../streams/base64.ts";
import { toHex } from "../../streams/hex.ts";
import { sha256 } from "../../streams/sha256.ts";

/** A stored token: its hash, not the token. */
export interface StoredToken extends TokenInfo {
  /** SHA-256 digest of the token. */
  hash: string;
}

type Row = {
  id: string;
  hash: string;
  name: string;
  scopes: string;
  created: string;
  expires: string | null;
  used: string | null;
};

const form = /^varve_([0-9a-f]{16})_[\w-]{43}$/;

/** The id in a token of this server; undefined for any other secret. */
export function tokenId(secret: string): string | undefined {
  return form.exec(secret)?.[1];
}

/** Issued tokens by id. The id is part of the token and not secret; the other 256 random bits are. */
export class TokenTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS tokens (
      id TEXT PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, created TEXT NOT NULL,
      expires TEXT, used TEXT)`);
  }

  /** Creates a token. It cannot be read again, because only its hash is stored. */
  create({ name, scopes, expires }: TokenRequest): { info: TokenInfo; token: string } {
    const id = toHex(crypto.getRandomValues(new Uint8Array(8)));
    const token = `varve_${id}_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
    const info = {
      id,
      name,
      scopes,
      created: new Date().toISOString(),
      ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
    };
    this.#sql.exec(
      "INSERT INTO tokens (id, hash, name, scopes, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      sha256(token),
      name,
      JSON.stringify(scopes),
      info.created,
      info.expires ?? null,
    );
    return { info, token };
  }

  find(id: string): StoredToken | undefined {
    return this.#select("WHERE id = ?", id)[0];
  }

  /** Oldest first. */
  all(): StoredToken[] {
    return this.#select("ORDER BY created, id");
  }

  /** Stores the day of a token's last use; writes at most once a day. */
  noteUse({ id, used }: StoredToken, now: number): void {
    const day = new Date(now).toISOString().slice(0, 10);
    if (used !== day) this.#sql.exec("UPDATE tokens SET used = ? WHERE id = ?", day, id);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM tokens WHERE id = ?", id);
  }

  #select(rest: string, ...values: string[]): StoredToken[] {
    const rows = this.#sql.exec<Row>(`SELECT * FROM tokens ${rest}`, ...values).toArray();
    return rows.map(({ scopes, expires, used, ...row }) => ({
      ...row,
      scopes: JSON.parse(scopes) as string[],
      ...(expires !== null && { expires }),
      ...(used !== null && { used }),
    }));
  }
}
