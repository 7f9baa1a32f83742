import { contextOf } from "../helpers/context-archive.ts";

export const context = contextOf({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: "contents" });

/** Builds an image that is named `kept`. */
export function buildAt(url: string): Promise<Response> {
  return fetch(`${url}/v1/builds?t=kept`, { method: "POST", body: context });
}
