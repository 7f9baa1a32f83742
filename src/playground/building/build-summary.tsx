import "./build-summary.css";
import type { BuildResult } from "../../../schemas/events.ts";
import type { ImageInspection } from "../../../schemas/images.ts";
import type { ImageAddress } from "../../client/images.ts";
import { formatBytes, formatDuration } from "../i18n/format.ts";
import {
  dockerPullCommand,
  dockerRunCommand,
  fetchInspection,
  referenceOf,
} from "../images/image-service.ts";
import { messages as runMessages } from "../running/messages.ts";
import { Button } from "../ui/button.tsx";
import { CopyableCommand } from "../ui/digest.tsx";
import { useLoad } from "../ui/load.tsx";
import { messages } from "./messages.ts";

/** Minimum difference between two build times that is shown, in milliseconds. */
const MIN_DIFFERENCE = 10;

interface BuildSummaryProps {
  result: BuildResult;
  /** Duration of the build in milliseconds. */
  time: number;
  /** Duration of the last build of the same image name, in milliseconds. */
  lastTime: number | undefined;
  onRun(): void;
}

/** Summarises a successful build: layers, size, time compared with the last build, and commands to pull and run it. */
export function BuildSummary({ result, time, lastTime, onRun }: BuildSummaryProps) {
  const text = messages.value;
  const { repository: name, descriptor } = result;
  const reference = referenceOf(result);
  const image = useLoad(descriptor.digest, () => fetchInspection({ name, reference: descriptor.digest }));
  const known = image.state === "loaded" ? image.value : undefined;
  const comparison = compareTimes(time, lastTime);
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
      <CopyableCommand label={text.pull} command={dockerPullCommand({ name, reference })} />
      {known !== undefined && <RunCommand image={known} address={{ name, reference }} />}
    </div>
  );
}

function compareTimes(time: number, lastTime: number | undefined): string {
  const text = messages.value;
  if (lastTime === undefined || Math.abs(time - lastTime) < MIN_DIFFERENCE) return "";
  return time < lastTime
    ? text.faster(formatDuration(lastTime - time))
    : text.slower(formatDuration(time - lastTime));
}

interface RunCommandProps {
  image: ImageInspection;
  address: ImageAddress;
}

function RunCommand({ image: { config }, address }: RunCommandProps) {
  const text = messages.value;
  const hasCommand = (config.Cmd?.length ?? 0) + (config.Entrypoint?.length ?? 0) > 0;
  if (!hasCommand) return <p class="soft">{text.noCommand}</p>;
  const command = dockerRunCommand(address, Object.keys(config.ExposedPorts ?? {}));
  return command === undefined ? null : <CopyableCommand label={text.run} command={command} />;
}
