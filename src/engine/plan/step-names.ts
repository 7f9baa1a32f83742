import { ExpandError, expandWord, type Variables } from "../../dockerfile/expand.ts";
import { InvalidPlatformError, normalizePlatform, type Platform, parsePlatform } from "../../oci/platform.ts";
import { formatWithOsOptions } from "./platform-text.ts";
import type { Scope } from "./scope.ts";

/** Names the steps of one stage like BuildKit's progress output: `[linux/amd64 build 2/4] COPY a /b`. */
export class StepNames {
  readonly #stage: string;
  readonly #platform: Platform | undefined;
  readonly #count: () => number;
  #next = 1;

  /**
   * @param stage name of the stage; empty for the only stage of a Dockerfile.
   * @param count returns how many steps the stage has, including triggers added later.
   * @param platform part of every name when several platforms are built.
   */
  constructor(stage: string, count: () => number, platform: Platform | undefined) {
    this.#stage = stage;
    this.#count = count;
    this.#platform = platform;
  }

  /** The name of the next step of the stage. */
  next(text: string, scope: Scope, isTrigger = false): string {
    const total = this.#count();
    if (total === 0) return text;
    const platform =
      this.#platform && `${formatWithOsOptions(this.#platform)}${crossTarget(this.#platform, scope)} `;
    const stage = this.#stage && `${this.#stage} `;
    const number = String(this.#next++).padStart(String(total).length);
    return `[${platform ?? ""}${stage}${number}/${total}] ${isTrigger ? "ONBUILD " : ""}${text}`;
  }
}

/** `->arm/v7` when a stage of one platform builds for another, according to its arguments. */
function crossTarget(base: Platform, scope: Scope): string {
  const named = targetOf(scope);
  if (named === undefined) return "";
  const target = normalizePlatform({
    ...named,
    os: named.os || base.os,
    architecture: named.architecture || base.architecture,
  });
  if (target.os !== base.os) return `->${formatWithOsOptions(target)}`;
  if (target.architecture === base.architecture) return "";
  return `->${[target.architecture, target.variant].filter(Boolean).join("/")}`;
}

function targetOf(scope: Scope): Platform | undefined {
  const whole = scope.get("TARGETPLATFORM");
  if (whole !== undefined) {
    try {
      return parsePlatform(whole);
    } catch (error) {
      // An ARG of that name may have any value.
      if (!(error instanceof InvalidPlatformError)) throw error;
    }
  }
  const [os, architecture, variant] = ["TARGETOS", "TARGETARCH", "TARGETVARIANT"].map((name) =>
    scope.get(name),
  );
  if (os === undefined && architecture === undefined && variant === undefined) return undefined;
  return { os: os ?? "", architecture: architecture ?? "", ...(variant && { variant }) };
}

/**
 * The text of an instruction with variables expanded and its keyword in upper case; unexpanded when expansion fails.
 */
export function instructionName(source: string, scope: Variables, escapeCharacter: string): string {
  return upperCaseKeyword(
    expandOrKeep(source, () => expandWord(source, scope, { escape: escapeCharacter }).value),
  );
}

/** Like `instructionName`, for RUN: keeps quotes and undefined variables for the shell. */
export function runName(source: string, scope: Variables, escapeCharacter: string): string {
  return upperCaseKeyword(
    expandOrKeep(
      source,
      () => expandWord(source, scope, { escape: escapeCharacter, quotes: "keep", keepUnset: true }).value,
    ),
  );
}

function expandOrKeep(source: string, expand: () => string): string {
  try {
    return expand();
  } catch (error) {
    if (error instanceof ExpandError) return source;
    throw error;
  }
}

function upperCaseKeyword(text: string): string {
  const space = text.indexOf(" ");
  return space < 0 ? text.toUpperCase() : text.slice(0, space).toUpperCase() + text.slice(space);
}
