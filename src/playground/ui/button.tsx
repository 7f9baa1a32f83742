import "./button.css";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  onClick?(event: MouseEvent): void;
  /** `main` is what one came to do; there is one at most in a view. */
  kind?: "main" | "plain" | "quiet" | "danger";
  icon?: IconName;
  /** What it does, when it shows an icon only. */
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
