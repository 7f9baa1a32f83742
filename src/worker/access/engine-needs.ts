import type { EngineKind } from "../../engine-api/request.ts";

/**
 * The requirement of a request to Docker's Engine API before its handler runs. `nothing`: the response reveals no images, or only
 * those that the caller may pull. Other handlers look up names and ids among the images that the caller may pull, and then
 * check the right.
 */
export const engineNeeds: Readonly<Record<EngineKind, "nothing" | "a credential" | "build" | "admin">> = {
  ping: "nothing",
  version: "nothing",
  info: "a credential",
  list: "a credential",
  search: "a credential",
  usage: "a credential",
  // The credential is in the body. For another registry, the handler requires one for this server, too.
  login: "nothing",
  // For another registry, the handler requires a credential.
  distribution: "nothing",
  "prune-others": "a credential",
  inspect: "nothing",
  history: "nothing",
  save: "nothing",
  "save-many": "nothing",
  build: "build",
  create: "a credential",
  load: "a credential",
  push: "a credential",
  tag: "a credential",
  remove: "a credential",
  prune: "admin",
  "build-prune": "admin",
};
