import type { ContainerState, PageContainer } from "../running/containers.ts";

/** Receives the output of a command. */
export interface ShellOutput {
  print(text: string): void;
  /** Shows a container until it has exited. */
  follow(container: PageContainer, isTerminal: boolean): Promise<ContainerState>;
}
