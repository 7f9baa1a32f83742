import { catalogue } from "../i18n/catalogue.ts";
import { type Lesson, lastBuild } from "./lesson.ts";

/** A container starts from the image's first state, and what volumes, bind mounts and tmpfs are for. */
export const containers: Lesson = {
  id: "containers",
  files: {
    Dockerfile: `# An image with a shell, were it to be run: FROM busybox
FROM scratch
WORKDIR /work
COPY list.txt ./
`,
    "list.txt": "milk\n",
  },
  steps: [
    {
      kind: "question",
      id: "fresh",
      code: `docker run --rm shop sh -c 'echo bread >> list.txt; cat list.txt'
milk
bread
docker run --rm shop cat list.txt`,
      answers: ["milk", "both", "nothing"],
      right: () => "milk",
    },
    {
      kind: "question",
      id: "two",
      code: `varve run shop sh -c 'echo bread > list.txt; sleep 60' &
varve run shop cat list.txt`,
      answers: ["milk", "bread", "waits"],
      right: () => "milk",
    },
    {
      kind: "question",
      id: "volume",
      code: `docker run --rm -v lists:/lists shop sh -c 'echo bread > /lists/a'
docker run --rm -v lists:/lists shop cat /lists/a`,
      answers: ["bread", "missing"],
      right: () => "bread",
    },
    {
      kind: "question",
      id: "bind",
      code: 'varve run -v "$PWD":/work shop cat list.txt',
      answers: ["image", "machine", "both"],
      right: () => "machine",
    },
    {
      kind: "question",
      id: "tmpfs",
      code: "docker run --rm --tmpfs /scratch shop sh -c 'echo token > /scratch/t; run-the-tests'",
      answers: ["layer", "memory", "volume"],
      right: () => "memory",
    },
    {
      kind: "task",
      id: "declare",
      see: "config",
      code: "VOLUME /lists",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && Object.keys(build.image.config.Volumes ?? {}).length > 0;
      },
    },
  ],
  words: catalogue(
    {
      title: "What a container keeps",
      question: "You change a file in a container. Who sees it, and for how long?",
      steps: {
        fresh: {
          task: "A container of this image adds a line to `list.txt` and ends. What does the next container print?",
          hint: "Layers never change. Where did the first container write?",
          after:
            "Every container starts from the image's first state. What it writes goes into a layer of its own, which goes with it.",
          answers: { milk: "milk", both: "milk and bread", nothing: "Nothing: the file is gone" },
        },
        two: {
          task: "The first container still runs. What does a second one of the same image print meanwhile?",
          hint: "Do the two share a file?",
          after: "They share the layers of the image, which are only read, and nothing that they write.",
          answers: { milk: "milk", bread: "bread", waits: "It waits until the first has ended" },
        },
        volume: {
          task: "Now both containers have the volume `lists` at `/lists`. What does the second one print?",
          hint: "A named volume does not belong to a container.",
          after: "Volumes are for data that outlive containers: databases, uploads, caches.",
          answers: { bread: "bread", missing: "No such file or directory" },
        },
        bind: {
          task: "A folder of the machine is mounted over `/work`. Whose `list.txt` is printed?",
          hint: "A mount lies over what the image has at that place.",
          after:
            "Bind mounts are for work on files that are outside: you edit on the machine, and the container sees it at once. It can write there, too; `:ro` forbids it.",
          answers: {
            image: "That of the image",
            machine: "That of the machine's folder",
            both: "Both, one after the other",
          },
        },
        tmpfs: {
          task: "Where do the bytes of `/scratch/t` lie?",
          hint: "tmp is for temporary, fs for file system.",
          after:
            "Nothing of it is written to a disk, and all of it is gone with the container: good for secrets and for scratch.",
          answers: { layer: "In the container's layer", memory: "In memory", volume: "In a volume" },
        },
        declare: {
          task: "An image can say that a place is meant for data: add this line at the end, and build. Then look where it stands.",
          hint: "The page of the image has a tab for its config.",
          after:
            "It stands in the config. Who starts a container without naming a volume for that place gets a new one for each container.",
        },
      },
    },
    {
      title: "컨테이너에 남는 것",
      question: "컨테이너에서 파일을 바꾸면 누가 언제까지 그것을 볼 수 있을까요?",
      steps: {
        fresh: {
          task: "이 이미지의 컨테이너가 `list.txt`에 한 줄을 추가하고 끝납니다. 다음 컨테이너는 무엇을 출력합니까?",
          hint: "레이어는 바뀌지 않습니다. 첫 번째 컨테이너는 어디에 썼습니까?",
          after:
            "모든 컨테이너는 이미지의 처음 상태에서 시작합니다. 컨테이너가 쓴 내용은 자기만의 레이어에 들어가고 컨테이너와 함께 사라집니다.",
          answers: {
            milk: "milk",
            both: "milk와 bread",
            nothing: "아무것도 출력하지 않음. 파일이 없어졌으므로",
          },
        },
        two: {
          task: "첫 번째 컨테이너가 아직 실행 중입니다. 그동안 같은 이미지의 두 번째 컨테이너는 무엇을 출력합니까?",
          hint: "두 컨테이너가 같은 파일을 함께 씁니까?",
          after: "읽기만 하는 이미지의 레이어는 함께 쓰지만, 각자 쓴 내용은 서로 보이지 않습니다.",
          answers: { milk: "milk", bread: "bread", waits: "첫 번째가 끝날 때까지 기다림" },
        },
        volume: {
          task: "이번에는 두 컨테이너 모두 `/lists`에 볼륨 `lists`를 마운트합니다. 두 번째는 무엇을 출력합니까?",
          hint: "이름 있는 볼륨은 어느 컨테이너에도 속하지 않습니다.",
          after:
            "볼륨은 데이터베이스, 업로드한 파일, 캐시처럼 컨테이너보다 오래 남아야 하는 데이터에 씁니다.",
          answers: { bread: "bread", missing: "No such file or directory" },
        },
        bind: {
          task: "컴퓨터의 폴더를 `/work` 위에 마운트합니다. 어느 쪽의 `list.txt`가 출력됩니까?",
          hint: "마운트는 이미지의 그 자리에 있는 것을 가립니다.",
          after:
            "바인드 마운트는 밖에 있는 파일로 작업할 때 씁니다. 컴퓨터에서 편집하면 컨테이너에 바로 보입니다. 컨테이너가 거기에 쓸 수도 있으며, `:ro`를 붙이면 쓰지 못합니다.",
          answers: {
            image: "이미지의 파일",
            machine: "컴퓨터 폴더의 파일",
            both: "둘을 차례로 모두",
          },
        },
        tmpfs: {
          task: "`/scratch/t`의 바이트는 어디에 있습니까?",
          hint: "tmp는 임시, fs는 파일 시스템이라는 뜻입니다.",
          after: "디스크에 쓰지 않으며 컨테이너와 함께 모두 사라집니다. 비밀 값이나 임시 파일에 알맞습니다.",
          answers: { layer: "컨테이너의 레이어", memory: "메모리", volume: "볼륨" },
        },
        declare: {
          task: "이미지에 데이터를 둘 자리를 적어 둘 수 있습니다. 다음 줄을 끝에 추가하고 빌드한 다음, 어디에 적혔는지 살펴보세요.",
          hint: "이미지 페이지에 설정 탭이 있습니다.",
          after:
            "설정에 적혔습니다. 그 자리에 쓸 볼륨을 정하지 않고 컨테이너를 시작하면 컨테이너마다 새 볼륨이 생깁니다.",
        },
      },
    },
  ),
};
