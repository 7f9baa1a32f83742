import "./build-summary.css";
import type { BuildResult } from "../../../schemas/events.ts";
import type { ImageInspection } from "../../../schemas/images.ts";
import { formatBytes, formatDuration } from "../i18n/format.ts";
import { inspect, pullCommand, runCommand } from "../images/image-service.ts";
import { messages as runMessages } from "../running/messages.ts";
import { Button } from "../ui/button.tsx";
import { CommandLine } from "../ui/digest.tsx";
import { useLoad } from "../ui/load.tsx";
import { messages } from "./messages.ts";

/** Smallest difference between two build times that is shown, in milliseconds. */
const NOTABLE = 10;

interface BuildSummaryProps {
  result: BuildResult;
  /** Duration of the build in milliseconds. */
  time: number;
  /** Duration of the last build of the same image name, in milliseconds. */
  lastTime: number | undefined;
  onRun(): void;
}

/**
 * A short summary of a successful build: layers, size, duration compared with the last build, and the commands to pull
 * and run the image.
 */
export function BuildSummary({ result, time, lastTime, onRun }: BuildSummaryProps) {
  const text = messages.value;
  const { repository, descriptor, tags } = result;
  const tag = tags[0] ?? "";
  const reference = tag === "" ? descriptor.digest : tag.slice(tag.lastIndexOf(":") + 1);
  const image = useLoad(descriptor.digest, () => inspect({ name: repository, reference: descriptor.digest }));
  const known = image.state === "loaded" ? image.value : undefined;
  const comparison = comparedTimes(time, lastTime);
  return (
    <div class="build-summary">
      <p class="build-summary-facts">
        {known !== undefined && <span>{text.layerCount(known.layers.length, formatBytes(known.size))}</span>}
        {comparison !== "" && <span>{comparison}</span>}
      </p>
      <div>
        <Button icon="play" onClick={onRun}>
          {runMessages.value.runImage}
        </Button>
      </div>
      <CommandLine label={text.pull} command={pullCommand(repository, reference)} />
      {known !== undefined && <Run image={known} repository={repository} reference={reference} />}
    </div>
  );
}

function comparedTimes(time: number, lastTime: number | undefined): string {
  const text = messages.value;
  if (lastTime === undefined || Math.abs(time - lastTime) < NOTABLE) return "";
  return time < lastTime
    ? text.faster(formatDuration(lastTime - time))
    : text.slower(formatDuration(time - lastTime));
}

interface RunProps {
  image: ImageInspection;
  repository: string;
  reference: string;
}

function Run({ image: { config }, repository, reference }: RunProps) {
  const text = messages.value;
  const hasCommand = (config.Cmd?.length ?? 0) + (config.Entrypoint?.length ?? 0) > 0;
  if (!hasCommand) return <p class="soft">{text.noCommand}</p>;
  const command = runCommand(repository, reference, Object.keys(config.ExposedPorts ?? {}));
  return command === undefined ? null : <CommandLine label={text.run} command={command} />;
}
