/** What the server has acknowledged for a tag. */
interface Acknowledged {
  /** Of the manifest. */
  digest: string;
  /** Text that a layer of the image contains; no other version has it. */
  marker: string;
}

/** The images that must exist. Each tag has one writer, so the order of its changes decides what a reader may see. */
export class AcknowledgedImages {
  readonly #images = new Map<string, Acknowledged>();
  /** Changes of a tag that began. A reader compares it before and after. */
  readonly #changes = new Map<string, number>();

  /** A writer is about to change or remove the tag. Until it ends, readers expect nothing. */
  begin(reference: string): void {
    this.#images.delete(reference);
    this.#changes.set(reference, this.changes(reference) + 1);
  }

  confirm(reference: string, image: Acknowledged): void {
    this.#images.set(reference, image);
  }

  get(reference: string): Acknowledged | undefined {
    return this.#images.get(reference);
  }

  changes(reference: string): number {
    return this.#changes.get(reference) ?? 0;
  }

  get references(): string[] {
    return [...this.#images.keys()];
  }
}
