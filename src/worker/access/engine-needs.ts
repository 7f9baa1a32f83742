import type { EngineKind } from "../../engine-api/request.ts";

/**
 * What a request to Docker's Engine API takes before its handler sees it. `nothing`: it tells of nobody's images, or of
 * those that may be pulled. Which images the others mean is known when their names and ids were looked up, among those
 * that may be pulled: their handlers ask about the right then.
 */
export const engineNeeds: Readonly<Record<EngineKind, "nothing" | "a credential" | "build" | "admin">> = {
  ping: "nothing",
  version: "nothing",
  info: "a credential",
  list: "a credential",
  search: "a credential",
  usage: "a credential",
  // The credential is in the body. For a registry elsewhere, its handler asks for another one.
  login: "nothing",
  // Of a registry elsewhere, its handler asks for a credential.
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
