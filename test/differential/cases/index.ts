import type { Case } from "../case.ts";
import { addCases } from "./add.ts";
import { configCases, onbuildCases } from "./config.ts";
import { copyDestinationCases, copyGlobCases, copyLinkCases } from "./copy.ts";
import { dockerignoreCases } from "./dockerignore.ts";
import { errorCases } from "./errors.ts";
import { heredocCases } from "./heredocs.ts";
import { linkCases } from "./link.ts";
import { copyMatrix, ignoreMatrix, runMatrix } from "./matrix.ts";
import { metadataCases } from "./metadata.ts";
import { projectCases } from "./projects.ts";
import { runCommandCases } from "./run/command.ts";
import { runLayerCases } from "./run/layers.ts";
import { runMountCases } from "./run/mounts.ts";
import { runProcessCases } from "./run/process.ts";
import { runProjectCases } from "./run/projects.ts";
import { stageCases } from "./stages.ts";
import { platformCases, textCases } from "./text.ts";
import { variableCases } from "./variables.ts";

/** Every case, by topic. */
export const cases: Case[] = [
  ...copyDestinationCases,
  ...copyGlobCases,
  ...copyLinkCases,
  ...metadataCases,
  ...linkCases,
  ...stageCases,
  ...dockerignoreCases,
  ...addCases,
  ...heredocCases,
  ...variableCases,
  ...configCases,
  ...onbuildCases,
  ...textCases,
  ...platformCases,
  ...projectCases,
  ...runLayerCases,
  ...runProcessCases,
  ...runCommandCases,
  ...runMountCases,
  ...runProjectCases,
  ...errorCases,
  ...copyMatrix,
  ...ignoreMatrix,
  ...runMatrix,
];
