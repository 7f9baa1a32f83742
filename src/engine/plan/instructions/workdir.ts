import type { WorkdirInstruction } from "../../../dockerfile/instruction.ts";
import { cleanPath } from "../../../dockerignore/clean-path.ts";
import { isAbsolutePath, nextWorkdir, toForwardSlashes } from "../os-path.ts";
import { readOwner } from "../owner.ts";
import type { Evaluation } from "./evaluation.ts";

/** WORKDIR: writes the path to the config and adds a step that creates the directory. The root needs no step. */
export function workdir(instruction: WorkdirInstruction, evaluation: Evaluation): void {
  const { state } = evaluation;
  const { settings, history } = state.image;
  const { os } = state.platform;
  const path = evaluation.expand(instruction.path);
  if (!state.isWorkdirSet && !isAbsolutePath(path, os)) evaluation.warn("WorkdirRelativePath", path);
  state.isWorkdirSet = true;
  settings.workingDir = nextWorkdir(settings.workingDir, path, os);
  state.workdir = toForwardSlashes(settings.workingDir, os);
  const createdBy = `WORKDIR ${state.workdir}`;
  if (state.workdir === "/") {
    history.addMetadata(createdBy);
    return;
  }
  history.addLayer(createdBy);
  evaluation.addStep(
    {
      kind: "workdir",
      parent: state.files,
      path: cleanPath(state.workdir),
      ...(settings.user && { owner: readOwner(settings.user) }),
    },
    { name: evaluation.nameOf(instruction.source), createdBy },
  );
}
