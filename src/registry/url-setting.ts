/**
 * Reads a setting that is a JSON object of registry hosts and URLs, such as `VARVE_MIRRORS`.
 * @throws {TypeError} with the name of the setting and the reason
 */
export function parseUrlSetting(name: string, setting: string | undefined): Readonly<Record<string, string>> {
  if (setting === undefined || setting.trim() === "") return {};
  const wrong = (why: string) => new TypeError(`Cannot use the setting ${name}: ${why}`);
  let urls: unknown;
  try {
    urls = JSON.parse(setting);
  } catch {
    throw wrong("not JSON");
  }
  if (typeof urls !== "object" || urls === null || Array.isArray(urls)) throw wrong("not a JSON object");
  for (const [host, base] of Object.entries(urls)) {
    const url = typeof base === "string" ? URL.parse(base) : null;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw wrong(`"${host}" does not have a URL such as "https://registry.example.com"`);
    }
  }
  return urls as Record<string, string>;
}
