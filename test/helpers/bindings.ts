/** The bindings of the Worker under test, or undefined in Node. */
export async function bindings(): Promise<
  { BUCKET: R2Bucket; CACHE: KVNamespace; OBJECTS: Fetcher; FILES: Fetcher } | undefined
> {
  if (navigator.userAgent !== "Cloudflare-Workers") return undefined;
  const name = "cloudflare:workers";
  const { env } = await import(/* @vite-ignore */ name);
  return env;
}
