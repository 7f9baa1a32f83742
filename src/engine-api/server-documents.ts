import { API_VERSION, MIN_VERSION } from "./request.ts";

/** Version of this server in `GET /version`. */
const SERVER_VERSION = "0.1.0";

/** Headers of every answer. Clients use the newest API version that both sides support. */
export const ENGINE_HEADERS = {
  "Api-Version": API_VERSION,
  "Docker-Experimental": "false",
  // The classic builder, because BuildKit's protocol is not supported.
  "Builder-Version": "1",
  Ostype: "linux",
  Server: `varve/${SERVER_VERSION} (linux)`,
} as const;

const platform = { Os: "linux", Arch: "amd64" };

/** `GET /version` */
export const versionDocument = {
  Platform: { Name: "varve" },
  Components: [
    {
      Name: "Engine",
      Version: SERVER_VERSION,
      Details: { ApiVersion: API_VERSION, MinAPIVersion: MIN_VERSION, ...platform },
    },
  ],
  Version: SERVER_VERSION,
  ApiVersion: API_VERSION,
  MinAPIVersion: MIN_VERSION,
  GitCommit: "",
  GoVersion: "",
  ...platform,
  KernelVersion: "",
  BuildTime: "",
};

/** The answer of `GET /info`: images, and no containers. */
export function infoDocument(name: string, images: number): object {
  return {
    ID: "varve",
    Name: name,
    Containers: 0,
    ContainersRunning: 0,
    ContainersPaused: 0,
    ContainersStopped: 0,
    Images: images,
    Driver: "varve",
    DriverStatus: [],
    Plugins: { Volume: null, Network: null, Authorization: null, Log: null },
    OSType: "linux",
    OperatingSystem: "varve",
    Architecture: "x86_64",
    KernelVersion: "",
    NCPU: 0,
    MemTotal: 0,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: { InsecureRegistryCIDRs: ["127.0.0.0/8"], IndexConfigs: {}, Mirrors: null },
    ServerVersion: SERVER_VERSION,
    Labels: [],
    Warnings: null,
    Swarm: { LocalNodeState: "inactive", ControlAvailable: false },
    SecurityOptions: [],
  };
}
