import { descriptionOf } from "../../dockerfile/description.ts";
import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import type { ArgInstruction, Dockerfile, Stage } from "../../dockerfile/instruction.ts";
import { readDockerfile } from "../../dockerfile/instructions.ts";
import { tableText } from "../../progress/table.ts";
import { CommandError, UsageError } from "../command-error.ts";

interface DockerfileReportOptions {
  isJson: boolean;
  /** Stage of the report; the last one when absent. */
  target?: string | undefined;
}

/** The output of `--call=targets`: the stages that can be built, with the descriptions in their comments. */
export function targetsText(text: string, { isJson }: DockerfileReportOptions): string {
  const { stages } = read(text);
  const targets = stages.map(({ from }, index) => ({
    name: from.name ?? "",
    default: index === stages.length - 1,
    description: describe(from.comments, from.name),
    base: from.base,
    line: from.lines.start,
  }));
  if (isJson) return `${JSON.stringify({ targets }, null, 2)}\n`;
  const rows = targets
    .filter(({ name, default: isDefault }) => name !== "" || isDefault)
    .map(({ name, default: isDefault, description }) => [
      `${name}${isDefault ? `${name === "" ? "" : " "}(default)` : ""}`,
      description,
    ]);
  return tableText(["TARGET", "DESCRIPTION"], rows);
}

/** The report of `--call=outline`: arguments, secrets, SSH agents and cache mounts of a target. */
export function outlineText(text: string, { isJson, target }: DockerfileReportOptions): string {
  const dockerfile = read(text);
  const stage = stageOf(dockerfile, target);
  const needed = neededStages(dockerfile, stage);
  const args = argsOf(dockerfile, needed);
  const mounts = needed.flatMap(mountsOf);
  const outline = {
    name: stage.from.name ?? "",
    description: describe(stage.from.comments, stage.from.name),
    args,
    secrets: unique(mounts.filter(({ type }) => type === "secret")),
    ssh: unique(mounts.filter(({ type }) => type === "ssh")),
  };
  if (isJson) return `${JSON.stringify(outline, null, 2)}\n`;
  const head = [
    ...(outline.name === "" ? [] : [`TARGET:      ${outline.name}`]),
    ...(outline.description === "" ? [] : [`DESCRIPTION: ${outline.description}`]),
  ];
  const required = (mount: { id: string; required: boolean }) => [mount.id, mount.required ? "true" : ""];
  return [
    ...(head.length === 0 ? [] : [`${head.join("\n")}\n`]),
    ...(args.length === 0
      ? []
      : [
          tableText(
            ["BUILD ARG", "VALUE", "DESCRIPTION"],
            args.map((arg) => [arg.name, arg.value ?? "", arg.description]),
          ),
        ]),
    ...(outline.secrets.length === 0
      ? []
      : [tableText(["SECRET", "REQUIRED"], outline.secrets.map(required))]),
    ...(outline.ssh.length === 0 ? [] : [tableText(["SSH", "REQUIRED"], outline.ssh.map(required))]),
  ].join("\n");
}

function read(text: string): Dockerfile {
  try {
    return readDockerfile(text).dockerfile;
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const { lines, message } = error.diagnostic;
    throw new CommandError(`Dockerfile:${lines.start}: ${message}`);
  }
}

function stageOf({ stages }: Dockerfile, target: string | undefined): Stage {
  const wanted = target?.toLowerCase();
  const found =
    wanted === undefined
      ? stages.at(-1)
      : (stages.findLast(({ from }) => from.name === wanted) ?? stages[Number(wanted)]);
  if (found !== undefined) return found;
  throw new UsageError(`target stage "${target}" could not be found`);
}

/** The stage and all that it is made from, in the order of the Dockerfile. Names that arguments decide are not followed. */
function neededStages({ stages }: Dockerfile, stage: Stage): Stage[] {
  const needed = new Set<Stage>();
  const need = (one: Stage) => {
    if (needed.has(one)) return;
    needed.add(one);
    const before = stages.slice(0, stages.indexOf(one));
    for (const name of sourcesOf(one)) {
      const source =
        before.findLast(({ from }) => from.name === name.toLowerCase()) ??
        (/^\d+$/.test(name) ? before[Number(name)] : undefined);
      if (source !== undefined) need(source);
    }
  };
  need(stage);
  return stages.filter((one) => needed.has(one));
}

function sourcesOf({ from, instructions }: Stage): string[] {
  return [
    from.base,
    ...instructions.flatMap((instruction) => {
      if (instruction.kind === "COPY") return instruction.from ?? [];
      if (instruction.kind !== "RUN") return [];
      return instruction.mounts.flatMap((mount) => fieldOf(mount, "from") ?? []);
    }),
  ];
}

function argsOf({ globalArgs }: Dockerfile, stages: readonly Stage[]) {
  const args = new Map<string, { name: string; value?: string; description: string }>();
  const add = ({ args: pairs, comments }: ArgInstruction) => {
    for (const { key, value } of pairs) {
      const known = args.get(key);
      const description = describe(comments, key) || (known?.description ?? "");
      const given = value ?? known?.value;
      args.set(key, { name: key, ...(given !== undefined && { value: given }), description });
    }
  };
  for (const arg of globalArgs) add(arg);
  for (const { instructions } of stages)
    for (const instruction of instructions) if (instruction.kind === "ARG") add(instruction);
  return [...args.values()];
}

interface NeededMount {
  type: string;
  id: string;
  required: boolean;
}

function mountsOf({ instructions }: Stage): NeededMount[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind !== "RUN") return [];
    return instruction.mounts.flatMap((mount) => {
      const type = fieldOf(mount, "type") ?? "bind";
      const id =
        fieldOf(mount, "id") ??
        (type === "ssh" ? "default" : fieldOf(mount, "target")?.split("/").at(-1)) ??
        "";
      return [{ type, id, required: /(^|,)required(=true)?(,|$)/.test(mount) }];
    });
  });
}

function unique(mounts: readonly NeededMount[]): { id: string; required: boolean }[] {
  const byId = new Map<string, boolean>();
  for (const { id, required } of mounts) byId.set(id, required || byId.get(id) === true);
  return [...byId].map(([id, required]) => ({ id, required }));
}

function fieldOf(mount: string, name: string): string | undefined {
  return mount
    .split(",")
    .find((field) => field.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function describe(comments: readonly string[], name: string | undefined): string {
  return (name === undefined ? undefined : descriptionOf(comments, name)?.trim()) ?? "";
}
