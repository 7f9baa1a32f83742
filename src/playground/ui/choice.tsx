import "./choice.css";
import { Icon, type IconName } from "./icon.tsx";

interface ChoiceProps<T extends string> {
  label: string;
  /** Replaces the visible label. */
  icon?: IconName;
  value: T;
  options: readonly { value: T; text: string; lang?: string }[];
  onChoose(value: T): void;
}

/** A select element with a label. */
export function Choice<T extends string>({ label, icon, value, options, onChoose }: ChoiceProps<T>) {
  return (
    <label class={icon ? "choice choice-icon" : "choice"} title={icon && label}>
      {icon && <Icon name={icon} />}
      <span class={icon ? "visually-hidden" : "soft"}>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} lang={option.lang}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
