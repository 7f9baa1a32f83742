import "./button.css";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps {
  onClick?(event: MouseEvent): void;
  /** `main`: the main action, at most one in a view. */
  kind?: "main" | "plain" | "quiet" | "danger";
  icon?: IconName;
  /** Accessible name and tooltip of a button with only an icon. */
  label?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  type?: "button" | "submit";
  id?: string;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { kind = "plain", icon, label, pressed, expanded, type = "button", children, ...rest } = props;
  return (
    <button
      {...rest}
      type={type}
      class={`button button-${kind}${children === undefined ? " button-icon" : ""}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
