import type { Workdir } from "../../../dockerfile/instruction.ts";
import { cleanPath, isAbsolutePath, nextWorkdir, slashed } from "../os-path.ts";
import { readOwner } from "../owner.ts";
import type { Place } from "./place.ts";

/** WORKDIR: the config gets the path as written, the tree gets the directory. The root needs no layer. */
export function workdir(instruction: Workdir, place: Place): void {
  const { state } = place;
  const { settings, history } = state.image;
  const { os } = state.platform;
  const path = place.expand(instruction.path);
  if (!state.isWorkdirSet && !isAbsolutePath(path, os)) place.warn("WorkdirRelativePath", path);
  state.isWorkdirSet = true;
  settings.workingDir = nextWorkdir(settings.workingDir, path, os);
  state.workdir = slashed(settings.workingDir, os);
  const createdBy = `WORKDIR ${state.workdir}`;
  if (state.workdir === "/") {
    history.addMetadata(createdBy);
    return;
  }
  history.addLayer(createdBy);
  place.addStep(
    {
      kind: "workdir",
      parent: state.files,
      path: cleanPath(state.workdir),
      ...(settings.user && { owner: readOwner(settings.user) }),
    },
    { name: place.nameOf(instruction.source), createdBy },
  );
}
