/** The text that replaces credentials in displayed URLs, as in BuildKit's provenance. */
const MASK = "xxxxx";

/** A URL and its credentials, separated because credentials must not be shown or stored. */
export interface SplitUrl {
  url: string;
  /** `user:password`, percent-encoded. */
  userinfo?: string;
}

/** Splits the credentials from a URL. Other texts, and URLs without credentials, do not change. */
export function splitCredentials(text: string): SplitUrl {
  const url = URL.parse(text);
  if (url === null) return splitText(text);
  if (url.username === "" && url.password === "") return { url: text };
  const userinfo = `${url.username}:${url.password}`;
  url.username = "";
  url.password = "";
  return { url: url.href, userinfo };
}

/** Splits the credentials from an invalid URL, such as one with a space in its host. */
function splitText(text: string): SplitUrl {
  const [, start, userinfo] = /^([a-z0-9+.-]+:\/\/)([^/?#]*)@/i.exec(text) ?? [];
  if (start === undefined || userinfo === undefined) return { url: text };
  return { url: start + text.slice(start.length + userinfo.length + 1), userinfo };
}

/** Combines a URL with its credentials for fetching. */
export function joinCredentials({ url, userinfo }: SplitUrl): string {
  return userinfo === undefined ? url : url.replace("//", () => `//${userinfo}@`);
}

/** Masks the credentials in every URL of a text. */
export function maskCredentials(text: string): string {
  return text.replace(/(?<=:\/\/)[^\s/?#\\]+(?=@)/g, mask);
}

/** Masks credentials in all texts of a JSON value. */
export function maskAll<T>(value: T): T;
export function maskAll(value: unknown): unknown {
  if (typeof value === "string") return maskCredentials(value);
  if (Array.isArray(value)) return value.map((item) => maskAll(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskAll(item)]));
}

/** A URL for display: `https://xxxxx:xxxxx@example.com/`. Reliable for all texts that the URL parser accepts. */
export function maskUrl(text: string): string {
  const { url, userinfo } = splitCredentials(text);
  return userinfo === undefined ? text : joinCredentials({ url, userinfo: mask(userinfo) });
}

/** Also masks a user name without a password, which is often a token, but not `git`, the usual user of git over SSH. */
function mask(userinfo: string): string {
  if (userinfo === "git") return userinfo;
  return /:./s.test(userinfo) ? `${MASK}:${MASK}` : MASK;
}
