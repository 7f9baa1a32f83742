import "./status.css";
import { messages, type Status } from "../messages.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Partial<Record<Status, IconName>> = {
  hit: "check",
  miss: "play",
  reused: "check",
  running: "clock",
  waiting: "clock",
  failed: "error",
  cancelled: "stop",
  unneeded: "minus",
};

/** The status of a step or a build as a word, a sign and a colour. */
export function StatusBadge({ status }: { status: Status }) {
  const icon = icons[status];
  return (
    <span class={`status status-${status}`}>
      {icon && <Icon name={icon} />}
      {messages.value.statuses[status]}
    </span>
  );
}
