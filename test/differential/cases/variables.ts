// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case } from "../case.ts";
import { argHistory, exposeHistory, healthcheckHistory } from "../newer.ts";
import { doc } from "./dockerfile.ts";

/** ARG, ENV and every form of expansion. Labels show the results, as in `docker inspect`. */
export const variableCases: Case[] = [
  {
    name: "env-forms",
    dockerfile: doc(
      "FROM scratch",
      "ENV A=1 B=\"two words\" C='single $A' D=esc\\ aped E= F=a=b=c",
      "ENV OLD style value  with   spaces",
      'ENV G="line one\\',
      ' line two"',
    ),
  },
  {
    name: "env-replaces-in-place",
    dockerfile: doc("FROM scratch", "ENV A=1 B=2 C=3", "ENV B=two", "ENV A=one D=4"),
  },
  {
    name: "env-sees-what-was-before",
    dockerfile: doc("FROM scratch", "ENV A=hello", "ENV A=bye D=$A", "ENV E=$A"),
  },
  { name: "env-path", dockerfile: doc("FROM varve/busybox:1", "ENV PATH=/opt/bin:$PATH") },
  { name: "env-path-on-scratch", dockerfile: doc("FROM scratch", "ENV PATH=$PATH:/opt") },
  { name: "env-path-is-added", dockerfile: doc("FROM varve/nopath:1", "ENV A=1") },
  { name: "env-path-emptied", dockerfile: doc("FROM scratch", "ENV PATH=") },
  {
    name: "env-of-base",
    dockerfile: doc("FROM varve/configured:1", "ENV LANG=de_DE.UTF-8 BOTH=$LANG-$EMPTY-"),
  },
  {
    name: "expand-defaults",
    dockerfile: doc(
      "FROM scratch",
      "ENV SET=value EMPTY=",
      "LABEL a=${SET:-d} b=${EMPTY:-d} c=${NONE:-d} d=${SET-d} e=${EMPTY-d} f=${NONE-d}",
      "LABEL g=[${SET:+r}] h=[${EMPTY:+r}] i=[${NONE:+r}] j=[${SET+r}] k=[${EMPTY+r}] l=[${NONE+r}]",
    ),
  },
  {
    name: "expand-nested-default",
    dockerfile: doc(
      "FROM scratch",
      "ENV IN=inner",
      'LABEL a=${NONE:-${ALSO_NONE:-$IN}} b=${NONE:-"quoted $IN"} c=${IN:+${IN}${IN}}',
    ),
  },
  {
    name: "expand-required-set",
    dockerfile: doc("FROM scratch", "ENV SET=value", 'LABEL a="${SET:?must be set}" b="${SET?must be set}"'),
  },
  {
    name: "expand-required-unset",
    dockerfile: doc("FROM scratch", 'LABEL a="${NONE:?must be set}"'),
    fails: ["NONE", "must be set"],
  },
  {
    name: "expand-strip",
    dockerfile: doc(
      "FROM scratch",
      "ENV V=/usr/local/lib.tar.gz",
      "LABEL a=${V#*/} b=${V##*/} c=${V%.*} d=${V%%.*} e=${V#nothing} f=${V##*}",
    ),
  },
  {
    name: "expand-replace",
    dockerfile: doc(
      "FROM scratch",
      "ENV V=one-two-one",
      "LABEL a=${V/one/1} b=${V//one/1} c=${V//-/_} d=${V/t?o/2} e=${V//o*e/x} f=${V/none/1}",
    ),
  },
  {
    name: "expand-quotes",
    dockerfile: doc(
      "FROM scratch",
      "ENV V=v",
      'LABEL a="$V" b=\'$V\' c=\\$V d="\\$V" e="a\\"b" f=\'a\\b\' g="a\\b" h=a"b"c\'d\' i=a\\b',
    ),
  },
  {
    name: "expand-names-end",
    dockerfile: doc(
      "FROM scratch",
      "ENV V=v V_=x",
      "LABEL a=$V.txt b=${V}x c=$V-$V d=$V_y e=$$V f=$ g=$1 h=${V}",
    ),
  },
  {
    name: "expand-not-ascii",
    dockerfile: doc("FROM scratch", "ENV GRÖSSE=groß A=ü", "LABEL a=$GRÖSSE b=${A}ber c=$Aü"),
  },
  {
    name: "expand-where-it-does-not",
    newer: [healthcheckHistory],
    dockerfile: doc(
      "FROM scratch",
      "ENV V=v",
      'CMD ["$V", "${V}"]',
      "ENTRYPOINT echo $V",
      'SHELL ["/bin/$V", "-c"]',
      "HEALTHCHECK CMD test $V",
      "ONBUILD ENV W=$V",
    ),
  },
  {
    name: "expand-where-it-does",
    newer: [exposeHistory],
    dockerfile: doc(
      "FROM varve/busybox:1",
      "ENV V=v N=80 S=9 L=label",
      "EXPOSE $N ${N}81/udp",
      'VOLUME /$V ["/x$V"]',
      'VOLUME ["/j$V"]',
      "USER $V:g$V",
      "WORKDIR /w/$V",
      "STOPSIGNAL $S",
      "LABEL $L=1 \"$L.2\"=2 '$L'=3",
    ),
  },
  { name: "expand-not-recursive", dockerfile: doc("FROM scratch", "ENV A='$B' B=b", "LABEL a=$A") },
  {
    name: "expand-modifier-unknown",
    dockerfile: doc("FROM scratch", "ENV A=a", "LABEL a=${A:=x}"),
    fails: ["unsupported modifier"],
  },
  { name: "expand-unclosed-brace", dockerfile: doc("FROM scratch", "LABEL a=${A"), fails: ["${A"] },
  {
    name: "arg-default-and-build-arg",
    newer: [argHistory({ "ARG B=default": "ARG B=given" })],
    args: { B: "given", UNUSED: "x" },
    dockerfile: doc("FROM scratch", "ARG A=default", "ARG B=default", "ARG C", "LABEL a=$A b=$B c=[$C]"),
  },
  {
    name: "arg-empty-build-arg",
    newer: [argHistory({ "ARG A=default": "ARG A=" })],
    args: { A: "" },
    dockerfile: doc("FROM scratch", "ARG A=default", "LABEL a=[$A] b=[${A-unset}] c=[${A:-empty}]"),
  },
  {
    name: "arg-before-from",
    newer: [argHistory({ "ARG TAG": "ARG TAG=1" })],
    args: { TAG: "1" },
    dockerfile: doc(
      "ARG TAG=0",
      "ARG NAME=varve/busybox",
      "FROM ${NAME}:${TAG}",
      "ARG TAG",
      "LABEL tag=$TAG name=[$NAME]",
    ),
  },
  {
    name: "arg-global-needs-declaration",
    newer: [argHistory({ "ARG A": "ARG A=1", "ARG B": "ARG B=12" })],
    dockerfile: doc(
      "ARG A=1",
      "ARG B=${A}2",
      "FROM scratch",
      "LABEL before=[$A]",
      "ARG A",
      "ARG B",
      "LABEL a=$A b=$B",
    ),
  },
  {
    name: "arg-several-in-one-line",
    newer: [
      {
        because: "a default sees the arguments before it in the same ARG",
        history: (line) => ({
          ...line,
          created_by: line.created_by?.replace("B=2", "B=12").replace("b=2", "b=12") ?? "",
        }),
        config: { Labels: { a: "1", b: "12", c: "[]" } },
      },
    ],
    dockerfile: doc("FROM scratch", "ARG A=1 B=${A}2 C", "LABEL a=$A b=$B c=[$C]"),
  },
  { name: "arg-over-earlier-env", dockerfile: doc("FROM scratch", "ENV A=env", "ARG A=arg", "ENV B=$A") },
  {
    name: "env-over-earlier-arg",
    newer: [argHistory({ "ARG A=arg": "ARG A=given" })],
    args: { A: "given" },
    dockerfile: doc("FROM scratch", "ARG A=arg", "ENV A=env", "ENV B=$A", "LABEL a=$A"),
  },
  {
    name: "env-from-arg",
    newer: [argHistory({ "ARG VERSION": "ARG VERSION=1.2.3" })],
    args: { VERSION: "1.2.3" },
    dockerfile: doc("FROM scratch", "ARG VERSION", "ENV VERSION=${VERSION:-0.0.0}"),
  },
  {
    name: "arg-not-in-other-stage",
    args: { A: "given" },
    dockerfile: doc("FROM scratch AS one", "ARG A=1", "FROM scratch", "LABEL a=[$A]"),
  },
  {
    name: "arg-values-are-not-expanded",
    newer: [argHistory({ "ARG A": "ARG A=$B ${C:-x}" })],
    args: { A: "$B ${C:-x}" },
    dockerfile: doc("FROM scratch", "ARG B=b", "ARG A", "LABEL a=$A"),
  },
  {
    name: "arg-case-matters",
    newer: [argHistory({ "ARG name=default": "ARG name=lower" })],
    args: { name: "lower" },
    dockerfile: doc("FROM scratch", "ARG NAME=upper", "ARG name=default", "LABEL a=$NAME b=$name"),
  },
  {
    name: "arg-later-default",
    dockerfile: doc("FROM scratch", "ARG A=first", "LABEL one=$A", "ARG A=second", "LABEL two=$A"),
  },
  {
    name: "arg-in-history-of-copy",
    newer: [argHistory({ "ARG DIR=x": "ARG DIR=target" })],
    args: { DIR: "target" },
    dockerfile: doc("FROM scratch", "ARG DIR=x", "ARG EMPTY", "COPY f /${DIR}/"),
    context: { f: "f\n" },
  },
  {
    name: "label-forms",
    dockerfile: doc(
      "FROM scratch",
      'LABEL simple=value "quoted key"="quoted value" org.example.dotted=1',
      'LABEL multi="line one\\',
      'line two" second=2',
      "LABEL old style",
      "LABEL empty= last=1",
      "LABEL last=2",
    ),
  },
  {
    name: "label-of-base-and-command-line",
    labels: { cli: "yes", keep: "from cli" },
    dockerfile: doc("FROM varve/configured:1", "LABEL org.example.base=changed cli=file"),
  },
  {
    name: "label-not-ascii",
    dockerfile: doc(
      "FROM scratch",
      'LABEL autor="Jörg Müller" emoji=😀 json=\'{"a": [1, "x"], "b": "<&>"}\'',
    ),
  },
];
