import { RegistryError } from "./errors.ts";
import type { BlobUpload, ManifestDescriptor, RegistryDeleter, RegistryWriter } from "./registry.ts";

/** The writing methods of a read-only registry: each throws `UNSUPPORTED`. */
export class ReadOnly implements RegistryWriter, RegistryDeleter {
  async pushBlob(): Promise<void> {
    throw readOnly();
  }

  async startUpload(): Promise<BlobUpload> {
    throw readOnly();
  }

  async openUpload(): Promise<BlobUpload> {
    throw readOnly();
  }

  async mountBlob(): Promise<boolean> {
    throw readOnly();
  }

  async pushManifest(): Promise<ManifestDescriptor> {
    throw readOnly();
  }

  async deleteBlob(): Promise<void> {
    throw readOnly();
  }

  async deleteManifest(): Promise<void> {
    throw readOnly();
  }

  async deleteTag(): Promise<void> {
    throw readOnly();
  }
}

function readOnly(): RegistryError {
  return new RegistryError("UNSUPPORTED", "this registry is read-only");
}
