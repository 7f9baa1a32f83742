import "./findings-list.css";
import type { EditorFinding } from "../../editor/linting.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

interface FindingsListProps {
  findings: readonly EditorFinding[];
  onGoTo(line: number): void;
  onFix(finding: EditorFinding, fix: number): void;
}

/** The findings of the last check, with lines and quick fixes. */
export function FindingsList({ findings, onGoTo, onFix }: FindingsListProps) {
  const text = messages.value;
  return (
    <ul class="findings" aria-label={text.findings(findings.length)}>
      {findings.map((finding, index) => {
        const { code, severity, lines, url } = finding.diagnostic;
        return (
          <li key={index} class={`finding finding-${severity}`}>
            <Icon name={severity === "error" ? "error" : "warning"} />
            <div class="finding-text">
              <p>{escapeInvisible(finding.text)}</p>
              {finding.original !== undefined && (
                <p class="soft" lang="en">
                  {escapeInvisible(finding.original)}
                </p>
              )}
              <p class="finding-place">
                {lines.start > 0 && (
                  <button type="button" class="link-button" onClick={() => onGoTo(lines.start)}>
                    {text.lineNumber(lines.start)}
                  </button>
                )}
                {url?.startsWith("https://") ? (
                  <a href={url} target="_blank" rel="noreferrer">
                    <code>{code}</code>
                  </a>
                ) : (
                  <code class="soft">{code}</code>
                )}
              </p>
              {finding.fixes.length > 0 && (
                <p class="finding-fixes">
                  {finding.fixes.map(({ name }, fix) => (
                    <Button key={name} onClick={() => onFix(finding, fix)}>
                      {escapeInvisible(name)}
                    </Button>
                  ))}
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
