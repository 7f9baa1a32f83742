/** What stands for a user or a password where a URL is shown: as BuildKit's provenance shows it. */
const MASK = "xxxxx";

/** A URL without its user and password, which are kept apart from everything that is shown or stored. */
export interface SplitUrl {
  url: string;
  /** `user:password`, percent-encoded. */
  userinfo?: string;
}

/** Takes user and password out of a URL. Other texts, and URLs without them, stay as they are written. */
export function splitCredentials(text: string): SplitUrl {
  const url = URL.parse(text);
  if (url === null) return splitText(text);
  if (url.username === "" && url.password === "") return { url: text };
  const userinfo = `${url.username}:${url.password}`;
  url.username = "";
  url.password = "";
  return { url: url.href, userinfo };
}

/** The same for what is no URL after all, such as one with a space in its host. */
function splitText(text: string): SplitUrl {
  const [, start, userinfo] = /^([a-z0-9+.-]+:\/\/)([^/?#]*)@/i.exec(text) ?? [];
  if (start === undefined || userinfo === undefined) return { url: text };
  return { url: start + text.slice(start.length + userinfo.length + 1), userinfo };
}

/** The URL as it is fetched. */
export function joinCredentials({ url, userinfo }: SplitUrl): string {
  return userinfo === undefined ? url : url.replace("//", () => `//${userinfo}@`);
}

/** Masks user and password in every URL of a text. */
export function maskCredentials(text: string): string {
  return text.replace(/(?<=:\/\/)[^\s/?#\\]+(?=@)/g, mask);
}

/** The same in all texts of a value that JSON can express. */
export function maskAll<T>(value: T): T;
export function maskAll(value: unknown): unknown {
  if (typeof value === "string") return maskCredentials(value);
  if (Array.isArray(value)) return value.map((item) => maskAll(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskAll(item)]));
}

/** A URL as it is shown: `https://xxxxx:xxxxx@example.com/`. Exact for whatever the URL parser reads. */
export function maskedUrl(text: string): string {
  const { url, userinfo } = splitCredentials(text);
  return userinfo === undefined ? text : joinCredentials({ url, userinfo: mask(userinfo) });
}

/** A user alone is often a token, so it is masked, too. `git` is the user of git over SSH, which is no secret. */
function mask(userinfo: string): string {
  if (userinfo === "git") return userinfo;
  return /:./s.test(userinfo) ? `${MASK}:${MASK}` : MASK;
}
