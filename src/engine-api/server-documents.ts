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
/** Fields of dockerd about its program and its kernel. */
const unknownBuild = { GitCommit: "", GoVersion: "", KernelVersion: "", BuildTime: "" };

/** `GET /version` */
export const versionDocument = {
  Platform: { Name: "varve" },
  Components: [
    {
      Name: "Engine",
      Version: SERVER_VERSION,
      Details: {
        ApiVersion: API_VERSION,
        MinAPIVersion: MIN_VERSION,
        ...platform,
        Experimental: "false",
        ...unknownBuild,
      },
    },
  ],
  Version: SERVER_VERSION,
  ApiVersion: API_VERSION,
  MinAPIVersion: MIN_VERSION,
  ...platform,
  ...unknownBuild,
};

/** Fields about container limits and dockerd's process, which varve does not have. */
const withoutContainers = {
  MemoryLimit: false,
  SwapLimit: false,
  KernelMemoryTCP: false,
  CpuCfsPeriod: false,
  CpuCfsQuota: false,
  CPUShares: false,
  CPUSet: false,
  PidsLimit: false,
  IPv4Forwarding: false,
  BridgeNfIptables: false,
  BridgeNfIp6tables: false,
  OomKillDisable: false,
  Debug: false,
  NFd: 0,
  NGoroutines: 0,
  NEventsListener: 0,
  LoggingDriver: "",
  CgroupDriver: "none",
  CgroupVersion: "2",
  GenericResources: null,
  DockerRootDir: "",
  HttpProxy: "",
  HttpsProxy: "",
  NoProxy: "",
  ExperimentalBuild: false,
  Runtimes: {},
  DefaultRuntime: "",
  LiveRestoreEnabled: false,
  Isolation: "",
  InitBinary: "",
  ContainerdCommit: { ID: "", Expected: "" },
  RuncCommit: { ID: "", Expected: "" },
  InitCommit: { ID: "", Expected: "" },
  CDISpecDirs: [],
};

/** The answer of `GET /info`: images, and no containers. @param now milliseconds since 1970 */
export function infoDocument(name: string, images: number, now: number): object {
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
    Plugins: { Volume: [], Network: [], Authorization: null, Log: [] },
    SystemTime: new Date(now).toISOString(),
    OSType: "linux",
    OperatingSystem: "varve",
    OSVersion: "",
    Architecture: "x86_64",
    KernelVersion: "",
    NCPU: 0,
    MemTotal: 0,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: {
      AllowNondistributableArtifactsCIDRs: null,
      AllowNondistributableArtifactsHostnames: null,
      InsecureRegistryCIDRs: ["127.0.0.0/8"],
      IndexConfigs: { "docker.io": { Name: "docker.io", Mirrors: [], Secure: true, Official: true } },
      Mirrors: null,
    },
    ServerVersion: SERVER_VERSION,
    Labels: [],
    Warnings: null,
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    SecurityOptions: [],
    ...withoutContainers,
  };
}
