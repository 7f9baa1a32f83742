import type { ContainerState, PageContainer } from "../running/containers.ts";

/** What a command writes and shows. */
export interface ShellOutput {
  print(text: string): void;
  /** Shows a container until it has ended. */
  follow(container: PageContainer, isTerminal: boolean): Promise<ContainerState>;
}
